namespace Arena.Policy.Networks;

/// <summary>A chunk's working memory for the entities of some rows; T tokens at most.</summary>
internal unsafe struct EntityScratch
{
    /// <summary>(rows, records) 1 where the entity is present, else 0.</summary>
    internal float* Present;

    /// <summary>(T, K') the records of one kind without their flag; zeros where absent.</summary>
    internal float* Inputs;

    /// <summary>(T, widest) two buffers that layers use in turn.</summary>
    internal float* Even;
    internal float* Odd;

    /// <summary>(2, D') of one row and kind.</summary>
    internal float* Pooled;

    /// <summary>(T, D') tokens of all kinds before and after attention; queries, keys and values: or the gradients of all that.</summary>
    internal float* Before;
    internal float* After;
    internal float* Queries;
    internal float* Keys;
    internal float* Values;

    /// <summary>For <see cref="Arena.Policy.Networks.Attention"/>.</summary>
    internal float* Attention;
}
