namespace Arena.Kernels.Environments.Snake;

/// <summary>Numbers of snake that no option changes.</summary>
public static class SnakeConstants
{
    /// <summary>Largest V.</summary>
    public const int MaxVision = 5;

    /// <summary>Columns of wall left of the playable ones: 8, since rows are made of whole 128-bit words.</summary>
    public const int LeftWall = 8;

    /// <summary>O: bytes of an observation row, padded to two cache lines.</summary>
    public const int ObservationLength = 128;

    /// <summary>First byte after the largest window: heading, then length, pending, hunger.</summary>
    public const int HeadingOffset = 121;

    /// <summary>min(255, length).</summary>
    public const int LengthOffset = 122;

    /// <summary>min(255, growth owed).</summary>
    public const int PendingOffset = 123;

    /// <summary>min(255, ticks since the last meal / 8).</summary>
    public const int HungerOffset = 124;

    /// <summary>Directions: 0 up, 1 right, 2 down, 3 left.</summary>
    public const int Directions = 4;

    /// <summary>Random cells tried for one spawn.</summary>
    public const int Tries = 64;

    /// <summary>Cells of food spawned per tick at most (a reset has no such limit).</summary>
    public const int FoodPerTick = 64;

    /// <summary>Classic: hunger that truncates, in ticks per cell.</summary>
    public const int HungerPerCell = 4;

    /// <summary>Status of a snake that waits for a free place.</summary>
    public const byte Waiting = 0;

    /// <summary>Status of a snake in the arena.</summary>
    public const byte Alive = 1;
}

/// <summary>What is in a cell of the grid, 16 bits: code, claims, owner; and the codes of an observation.</summary>
public static class SnakeCell
{
    /// <summary>Nothing.</summary>
    public const int Empty = 0;

    /// <summary>Food.</summary>
    public const int Food = 1;

    /// <summary>What a dead snake left.</summary>
    public const int Corpse = 2;

    /// <summary>Wall.</summary>
    public const int Wall = 3;

    /// <summary>Body; in an observation another snake's.</summary>
    public const int Body = 4;

    /// <summary>Head; in an observation another snake's.</summary>
    public const int Head = 5;

    /// <summary>Own body; in observations only.</summary>
    public const int OwnBody = 6;

    /// <summary>Own head; in observations only.</summary>
    public const int OwnHead = 7;

    /// <summary>Number of codes.</summary>
    public const int Codes = 8;

    /// <summary>The bits of a cell that hold the code.</summary>
    public const int Mask = 7;

    /// <summary>The three bits above count the heads that want the cell in this tick: 0 between ticks, at most four.</summary>
    public const int ClaimShift = 3;

    /// <summary>All of them.</summary>
    public const int Claims = 7 << ClaimShift;

    /// <summary>The ten bits above those say whose body or head it is: the snake's number; 0 in all other cells.</summary>
    public const int OwnerShift = 6;

    /// <summary>Code and owner: what a body leaves behind when it goes.</summary>
    public const int Occupant = 0xFFFF ^ Claims;
}

/// <summary>Purposes of random draws.</summary>
public static class SnakePurpose
{
    /// <summary>Where a snake begins; slot (snake)·16 + try/4, word try mod 4.</summary>
    public const uint SnakePlace = 1;

    /// <summary>Where food appears; slot (number)·16 + try/4, word try mod 4.</summary>
    public const uint FoodPlace = 2;

    /// <summary>Heading of a new snake; slot snake.</summary>
    public const uint Heading = 3;

    /// <summary>The random player; slot snake.</summary>
    public const uint RandomPolicy = 4;
}

/// <summary>Reward components, in order.</summary>
public static class SnakeReward
{
    /// <summary>1 when food was eaten.</summary>
    public const int Food = 0;

    /// <summary>1 when corpse food was eaten.</summary>
    public const int Corpse = 1;

    /// <summary>1 on death.</summary>
    public const int Death = 2;

    /// <summary>1 when a classic arena is full.</summary>
    public const int Win = 3;

    /// <summary>1 when the tick was survived.</summary>
    public const int Living = 4;

    /// <summary>1 when the heading changed.</summary>
    public const int Turning = 5;

    /// <summary>Components.</summary>
    public const int Count = 6;
}

/// <summary>Raw statistics of a finished life.</summary>
public static class SnakeStatistic
{
    /// <summary>What is compared: the length at the end; classic: meals.</summary>
    public const int Score = 0;

    /// <summary>Cells of the body when the last tick began (truncated, won: when it ended).</summary>
    public const int Length = 1;

    /// <summary>Longest body of the life.</summary>
    public const int MaxLength = 2;

    /// <summary>Ticks lived, the last one included.</summary>
    public const int Ticks = 3;

    /// <summary>Food eaten.</summary>
    public const int Food = 4;

    /// <summary>Corpse food eaten.</summary>
    public const int Corpse = 5;

    /// <summary>First of four flags, one per cause of death: wall, self, other, head-on.</summary>
    public const int Causes = 6;

    /// <summary>1 when the life was truncated.</summary>
    public const int Truncated = 10;

    /// <summary>1 when a classic arena was filled.</summary>
    public const int Win = 11;

    /// <summary>Numbers.</summary>
    public const int Count = 12;
}

/// <summary>Counters of an arena since its reset, in the column "totals"; they wrap at 2³².</summary>
public static class SnakeTotal
{
    /// <summary>Finished lives.</summary>
    public const int Lives = 0;

    /// <summary>Sum of their lengths.</summary>
    public const int Length = 1;

    /// <summary>Longest body of a finished life.</summary>
    public const int MaxLength = 2;

    /// <summary>Sum of their ticks.</summary>
    public const int Ticks = 3;

    /// <summary>Food they ate.</summary>
    public const int Food = 4;

    /// <summary>Corpse food they ate.</summary>
    public const int Corpse = 5;

    /// <summary>First of four: deaths by wall, self, other, head-on. The lives that are missing here were truncated or won.</summary>
    public const int Causes = 6;

    /// <summary>Snakes that found no place in 64 tries.</summary>
    public const int SpawnFailed = 10;

    /// <summary>Actions out of range.</summary>
    public const int BadActions = 11;

    /// <summary>Actions against the heading.</summary>
    public const int Reversals = 12;

    /// <summary>Counters: with tick, episode and food they are one cache line.</summary>
    public const int Count = 13;
}

/// <summary>Bits of what happened to a snake in this tick.</summary>
public static class SnakeEvent
{
    /// <summary>It was alive when the tick began.</summary>
    public const int Acted = 1;

    /// <summary>Its heading changed.</summary>
    public const int Turned = 1 << TurnedShift;

    /// <summary>It left its tail cell before moving.</summary>
    public const int Vacated = 1 << 2;

    /// <summary>It ate food.</summary>
    public const int AteFood = 1 << AteFoodShift;

    /// <summary>It ate corpse food.</summary>
    public const int AteCorpse = 1 << AteCorpseShift;

    /// <summary>First of four: died by wall, self, other, head-on.</summary>
    public const int Died = 1 << 5;

    /// <summary>All four.</summary>
    public const int AnyDeath = 15 * Died;

    /// <summary>Truncated by the clock or by hunger.</summary>
    public const int Truncated = 1 << TruncatedShift;

    /// <summary>Filled the arena.</summary>
    public const int Won = 1 << WonShift;

    internal const int TurnedShift = 1;
    internal const int AteFoodShift = 3;
    internal const int AteCorpseShift = 4;
    internal const int TruncatedShift = 9;
    internal const int WonShift = 10;
}

/// <summary>Causes of death, as bits of <see cref="SnakeEvent"/>.</summary>
public static class SnakeDeath
{
    /// <summary>Into a wall.</summary>
    public const int Wall = SnakeEvent.Died;

    /// <summary>Into its own body.</summary>
    public const int Self = 2 * SnakeEvent.Died;

    /// <summary>Into another body.</summary>
    public const int Other = 4 * SnakeEvent.Died;

    /// <summary>Head against head.</summary>
    public const int HeadOn = 8 * SnakeEvent.Died;
}
