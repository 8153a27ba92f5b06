using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>Step 3 with one lane per player, as <see cref="SoccerContact"/>.</summary>
/// <remarks>
/// One player after the other is the partner of all lanes at once, in index order: so every lane adds its partners of a side in the order of the
/// plain rule, with nothing added for those that it does not touch. A crowd costs no more than two players.
/// </remarks>
internal static unsafe class SoccerContact512
{
    /// <summary>Corrects the lanes' places and velocities. Nothing is written before all sums are known: every pair reads what was before.</summary>
    internal static void Run(in SoccerParameters p, SoccerLanes512 lanes)
    {
        int agents = p.TeamSize + p.TeamSize;
        bool more = agents > SoccerLanes512.Count;
        if (!AnyOverlap(p, lanes, 0, agents) && !(more && AnyOverlap(p, lanes, SoccerLanes512.Count, agents))) return;
        Corrections sum = SumOf(p, lanes, 0), moreSum = more ? SumOf(p, lanes, SoccerLanes512.Count) : default;
        Apply(p, lanes, 0, sum);
        if (more) Apply(p, lanes, SoccerLanes512.Count, moreSum);
    }

    private static void Apply(in SoccerParameters p, SoccerLanes512 lanes, int first, in Corrections sum)
    {
        Vector512<float> x = Vector512.Load(lanes.X + first), y = Vector512.Load(lanes.Y + first);
        Vector512<float> velocityX = Vector512.Load(lanes.VelocityX + first), velocityY = Vector512.Load(lanes.VelocityY + first);
        Vector512<float> isTouched = SoccerLanes512.Where(sum.Touched);
        Vector512<float> newX = x + sum.X, newY = y + sum.Y, newVelocityX = velocityX + sum.VelocityX, newVelocityY = velocityY + sum.VelocityY;
        SoccerLanes512.Limit(ref newVelocityX, ref newVelocityY, p.PlayerMaxSpeed);
        SoccerLanes512.KeepInside(ref newX, ref newVelocityX, p.HalfLength + SoccerConstants.Apron);
        SoccerLanes512.KeepInside(ref newY, ref newVelocityY, p.HalfWidth + SoccerConstants.Apron);
        Vector512.ConditionalSelect(isTouched, newX, x).Store(lanes.X + first);
        Vector512.ConditionalSelect(isTouched, newY, y).Store(lanes.Y + first);
        Vector512.ConditionalSelect(isTouched, newVelocityX, velocityX).Store(lanes.VelocityX + first);
        Vector512.ConditionalSelect(isTouched, newVelocityY, velocityY).Store(lanes.VelocityY + first);
    }

    // Every player of the register against the one 1, 2, … k places further on in a ring: each pair once, or for k places twice.
    private static bool AnyOverlap(in SoccerParameters p, SoccerLanes512 lanes, int first, int agents)
    {
        Vector512<float> x = Vector512.Load(lanes.X + first), y = Vector512.Load(lanes.Y + first);
        Vector512<float> allX = Vector512.Load(lanes.X), allY = Vector512.Load(lanes.Y), contactSquared = Vector512.Create(p.PlayerContactDistance * p.PlayerContactDistance);
        Vector512<float> moreX = Vector512.Load(lanes.X + SoccerLanes512.Count), moreY = Vector512.Load(lanes.Y + SoccerLanes512.Count);
        Vector512<int> agent = Vector512<int>.Indices + Vector512.Create(first), ring = Vector512.Create(agents);
        Vector512<float> overlap = Vector512<float>.Zero;
        for (int distance = 1; distance <= p.TeamSize; distance++)
        {
            Vector512<int> other = agent + Vector512.Create(distance);
            other = Vector512.ConditionalSelect(Vector512.LessThan(other, ring), other, other - ring);
            Vector512<float> offsetX = x - Avx512F.PermuteVar16x32x2(allX, other, moreX), offsetY = y - Avx512F.PermuteVar16x32x2(allY, other, moreY);
            overlap |= Vector512.LessThan(offsetX * offsetX + offsetY * offsetY, contactSquared);
        }

        return (SoccerLanes512.Bits(overlap) & SoccerLanes512.All(agents - first)) != 0;
    }

    // What side A and what side B do to the lanes of a register, added together last.
    private static Corrections SumOf(in SoccerParameters p, SoccerLanes512 lanes, int first)
    {
        Corrections sideA = Sum(p, lanes, first, 0, p.TeamSize), sideB = Sum(p, lanes, first, p.TeamSize, 2 * p.TeamSize);
        return new Corrections
        {
            X = sideA.X + sideB.X,
            Y = sideA.Y + sideB.Y,
            VelocityX = sideA.VelocityX + sideB.VelocityX,
            VelocityY = sideA.VelocityY + sideB.VelocityY,
            Touched = sideA.Touched | sideB.Touched,
        };
    }

    // What the partners begin..end-1, in this order, do to every lane.
    private static Corrections Sum(in SoccerParameters p, SoccerLanes512 lanes, int first, int begin, int end)
    {
        Vector512<float> x = Vector512.Load(lanes.X + first), y = Vector512.Load(lanes.Y + first);
        Vector512<float> velocityX = Vector512.Load(lanes.VelocityX + first), velocityY = Vector512.Load(lanes.VelocityY + first);
        Vector512<int> agent = Vector512<int>.Indices + Vector512.Create(first);
        Vector512<float> contact = Vector512.Create(p.PlayerContactDistance), contactSquared = contact * contact;
        Vector512<float> half = Vector512.Create(0.5f), one = Vector512.Create(1f), zero = Vector512<float>.Zero;
        Vector512<float> share = Vector512.Create(0.5f * (1f + p.PlayerRestitution)), minSeparation = Vector512.Create(SoccerConstants.MinSeparation);
        Vector512<float> isPlayer = Vector512.LessThan(agent, Vector512.Create(2 * p.TeamSize)).AsSingle();
        Vector512<float> sumX = zero, sumY = zero, sumVelocityX = zero, sumVelocityY = zero, touched = zero;
        for (int other = begin; other < end; other++)
        {
            Vector512<float> normalX = x - Vector512.Create(lanes.X[other]), normalY = y - Vector512.Create(lanes.Y[other]);
            Vector512<float> distanceSquared = normalX * normalX + normalY * normalY;
            Vector512<float> isOther = Vector512.Equals(agent, Vector512.Create(other)).AsSingle();
            Vector512<float> touches = Vector512.AndNot(Vector512.LessThan(distanceSquared, contactSquared) & isPlayer, isOther);
            touched |= touches;
            Vector512<float> distance = Vector512.Sqrt(distanceSquared);
            Vector512<float> inverseDistance = one / distance;
            normalX *= inverseDistance;
            normalY *= inverseDistance;
            Vector512<float> isSamePlace = touches & Vector512.LessThan(distance, minSeparation);
            if (SoccerLanes512.Bits(isSamePlace) != 0)
            {
                // No line of centres: within a side its own +x serves, across sides none would be fair.
                touches = Vector512.AndNot(touches, Vector512.AndNot(isSamePlace, OfSide(p.TeamSize, other, agent)));
                normalX = Vector512.ConditionalSelect(isSamePlace, LineOf(p.TeamSize, other, agent), normalX);
                normalY = Vector512.ConditionalSelect(isSamePlace, zero, normalY);
                distance = Vector512.ConditionalSelect(isSamePlace, zero, distance);
            }

            Vector512<float> push = (contact - distance) * half;
            sumX = Vector512.ConditionalSelect(touches, sumX + normalX * push, sumX);
            sumY = Vector512.ConditionalSelect(touches, sumY + normalY * push, sumY);
            Vector512<float> approach = (velocityX - Vector512.Create(lanes.VelocityX[other])) * normalX + (velocityY - Vector512.Create(lanes.VelocityY[other])) * normalY;
            Vector512<float> collides = Vector512.AndNot(touches, Vector512.GreaterThanOrEqual(approach, zero));
            Vector512<float> impulse = approach * share;
            sumVelocityX = Vector512.ConditionalSelect(collides, sumVelocityX - normalX * impulse, sumVelocityX);
            sumVelocityY = Vector512.ConditionalSelect(collides, sumVelocityY - normalY * impulse, sumVelocityY);
        }

        return new Corrections { X = sumX, Y = sumY, VelocityX = sumVelocityX, VelocityY = sumVelocityY, Touched = SoccerLanes512.Bits(touched) };
    }

    // Lanes of this agent's side.
    private static Vector512<float> OfSide(int teamSize, int other, Vector512<int> agent)
    {
        Vector512<float> isSideA = Vector512.LessThan(agent, Vector512.Create(teamSize)).AsSingle();
        return other < teamSize ? isSideA : ~isSideA;
    }

    // Normals of lanes in the same place as their teammate: away from each other along the side's own x.
    private static Vector512<float> LineOf(int teamSize, int other, Vector512<int> agent)
    {
        Vector512<float> isBefore = Vector512.LessThan(agent, Vector512.Create(other)).AsSingle();
        Vector512<float> isForward = other < teamSize ? isBefore : ~isBefore;
        return Vector512.ConditionalSelect(isForward, Vector512.Create(1f), Vector512.Create(-1f));
    }

    private struct Corrections
    {
        internal Vector512<float> X, Y, VelocityX, VelocityY;
        internal uint Touched; // lanes as bits
    }
}
