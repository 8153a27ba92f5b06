namespace Arena.Kernels;

/// <summary>A number that must be finite is NaN or infinite; the message says which. The command line exits with code 3.</summary>
public class NonFiniteException(string message) : Exception(message);
