using System.Text;
using Arena.HostApi.Cli;

namespace Arena.HostApi.Training;

/// <summary>A line of styled text whose width is known, so that it can be cut at the edge of the terminal.</summary>
internal sealed class DashboardLine
{
    private const string Bold = "\e[1m";
    private const string Dim = "\e[2m";
    private const string Green = "\e[32m";
    private const string Yellow = "\e[33m";

    private readonly List<(string Text, string Code)> parts = [];

    /// <summary>Characters so far.</summary>
    internal int Width { get; private set; }

    internal DashboardLine Plain(string text) => Add(text, "");

    internal DashboardLine Strong(string text) => Add(text, Bold);

    internal DashboardLine Faint(string text) => Add(text, Dim);

    internal DashboardLine Good(string text) => Add(text, Green);

    internal DashboardLine Alarm(string text) => Add(text, Yellow);

    /// <summary>A label and its number.</summary>
    internal DashboardLine Pair(string label, string value) => Faint(label + " ").Plain(value + "   ");

    /// <summary>Blanks up to column <paramref name="column"/>, at least one.</summary>
    internal DashboardLine At(int column) => Width == 0 && column == 0 ? this : Plain(new string(' ', Math.Max(1, column - Width)));

    /// <summary>Everything of <paramref name="other"/> behind this.</summary>
    internal DashboardLine Append(DashboardLine other)
    {
        foreach ((string text, string code) in other.parts) Add(text, code);
        return this;
    }

    /// <summary>At most <paramref name="columns"/> characters; an ellipsis stands for what was cut.</summary>
    internal string Render(int columns, bool color)
    {
        var text = new StringBuilder();
        int left = columns;
        bool cut = string.Concat(parts.Select(part => part.Text)).TrimEnd().Length > columns; // blanks at the end are no loss
        foreach ((string part, string code) in parts)
        {
            if (left <= 0) break;
            string shown = part.Length < left ? part : cut ? part[..(left - 1)] + "…" : part[..left];
            if (color && code.Length > 0) text.Append(code).Append(shown).Append(Ansi.Reset);
            else text.Append(shown);
            left -= shown.Length;
        }

        return text.ToString().TrimEnd();
    }

    private DashboardLine Add(string text, string code)
    {
        parts.Add((text, code));
        Width += text.Length;
        return this;
    }
}
