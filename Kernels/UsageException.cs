namespace Arena.Kernels;

/// <summary>
/// Something a user asked for that cannot be: the message says what, the value, what is allowed and what to do. The
/// command line prints it as one paragraph and exits with code 2.
/// </summary>
public sealed class UsageException(string message) : ArgumentException(message);
