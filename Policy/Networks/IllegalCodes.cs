namespace Arena.Policy.Networks;

/// <summary>Bytes of observations that held a code their channel does not have. They count as no plane at all, and are never clipped to another code.</summary>
/// <param name="Count">How many, over all passes since they were last cleared; 0 = all is well, and the rest means nothing.</param>
/// <param name="Row">Row, in the pass that met the first one.</param>
/// <param name="Position">Its byte in the row.</param>
/// <param name="Value">What it held.</param>
public readonly record struct IllegalCodes(long Count, int Row, int Position, byte Value)
{
    /// <summary>"row 3, byte 17 holds code 9"; adds how many there were.</summary>
    public override string ToString() => $"row {Row}, byte {Position} holds code {Value}, which its channel does not have ({Count:N0} such bytes in all)";
}
