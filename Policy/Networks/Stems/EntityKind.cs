namespace Arena.Policy.Networks;

/// <summary>The records of one kind in a row.</summary>
internal struct EntityKind
{
    /// <summary>First element of the first record.</summary>
    internal int Offset;
    internal int Count;
    internal int RecordLength;

    /// <summary>Number of the first record among those of all kinds.</summary>
    internal int FirstRecord;

    /// <summary>Number of the first feature.</summary>
    internal int FirstFeature;

    /// <summary>Number of the kind's first layer.</summary>
    internal int FirstLayer;
}
