namespace Arena.HostApi.Cli;

/// <summary>Text that is broken between words.</summary>
internal static class WrappedText
{
    /// <summary>Writes <paramref name="text"/> behind <paramref name="lead"/>; further lines begin below it.</summary>
    internal static void Write(TextWriter output, string lead, string text, int width)
    {
        string line = lead;
        int filled = lead.Length;
        foreach (string word in text.Split(' '))
        {
            if (line.Length + word.Length > width && line.Length > filled)
            {
                output.WriteLine(line.TrimEnd());
                line = new string(' ', filled);
            }

            line += word + " ";
        }

        output.WriteLine(line.TrimEnd());
    }
}
