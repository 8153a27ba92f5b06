using System.Net;
using System.Text;
using Arena.HostApi.Viewer;

namespace Arena.HostApi.Report;

/// <summary>A document of one file that loads nothing else, in the palette of the viewer's page.</summary>
internal static class HtmlPage
{
    // What report and page share are the palette and the look of charts; the rest of the page's style does no harm.
    private const string OwnStyle = """
        body { max-width: 1180px; margin: 0 auto; padding: 26px 18px 60px; display: block; }
        h1 { font-size: 24px; } h2 { margin: 30px 0 8px; font-size: 17px; }
        table { border-collapse: collapse; background: var(--surface); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; }
        th, td { padding: 5px 14px; text-align: left; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
        th { font-weight: 600; color: var(--muted); } tr:last-child td { border-bottom: 0; } .wide { overflow-x: auto; }
        h2 + p { margin-bottom: 8px; }
        pre { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; padding: 12px 14px; white-space: pre-wrap; overflow-wrap: anywhere; }
        summary { cursor: pointer; color: var(--muted); margin: 8px 0; }
        """;

    /// <summary>Everything up to the first section.</summary>
    /// <param name="title">Of the document.</param>
    /// <param name="about">One line below it.</param>
    internal static StringBuilder Begin(string title, string about)
    {
        var html = new StringBuilder("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">");
        html.Append($"<title>{Escape(title)}</title><style>{PageFiles.Text("/palette.css")}{PageFiles.Text("/viewer.css")}{OwnStyle}</style></head><body>");
        return html.Append($"<h1><span class=\"mark\" aria-hidden=\"true\"></span>{Escape(title)}</h1><p class=\"muted\">{Escape(about)}</p>");
    }

    /// <summary>The whole document.</summary>
    internal static string End(StringBuilder html) => html.Append($"<script>{PageFiles.Text("/readout.js")}</script></body></html>").ToString();

    /// <summary>A table of cells that are escaped here; no headers: null.</summary>
    internal static void Table(StringBuilder html, IReadOnlyList<string>? headers, IEnumerable<IEnumerable<string>> rows)
    {
        html.Append("<div class=\"wide\"><table>");
        if (headers is not null) html.Append($"<tr>{string.Concat(headers.Select(header => $"<th>{Escape(header)}</th>"))}</tr>");
        foreach (IEnumerable<string> row in rows) html.Append($"<tr>{string.Concat(row.Select(cell => $"<td>{Escape(cell)}</td>"))}</tr>");
        html.Append("</table></div>");
    }

    /// <summary>Text as HTML.</summary>
    internal static string Escape(string text) => WebUtility.HtmlEncode(text);
}
