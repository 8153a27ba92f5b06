using System.Diagnostics;
using Arena.Kernels;

namespace Arena.HostApi.Tests;

/// <summary>Commands that are printed to be pasted, and the program that trials and measurements are started with.</summary>
public class ThisProgramTests
{
    [Theory]
    [InlineData("runs/soccer-2026_s1", "runs/soccer-2026_s1", "runs/soccer-2026_s1")]
    [InlineData("my runs", "'my runs'", "\"my runs\"")]
    [InlineData("", "''", "\"\"")]
    [InlineData(@"D:\my runs\", @"'D:\my runs\'", @"""D:\my runs\\""")]
    [InlineData(@"D:\runs\a", @"'D:\runs\a'", @"D:\runs\a")]
    [InlineData("it's", @"'it'\''s'", "\"it's\"")]
    [InlineData("a&b", "'a&b'", "\"a&b\"")]
    public void A_word_is_quoted_where_a_shell_would_take_it_apart(string word, string posix, string windows)
    {
        Assert.Equal(posix, ThisProgram.Quote(word, windows: false));
        Assert.Equal(windows, ThisProgram.Quote(word, windows: true));
    }

    [Fact]
    public void A_shell_reads_back_what_was_meant()
    {
        if (OperatingSystem.IsWindows()) return;
        string[] words = ["plain", "my runs/a b", "it's", "\"two\"", "$HOME `x` \\ *", "~", "#no", "a;b|c>d", "", "line\nbreak", "Läufe/…", "!x", "(a)"];
        Assert.Equal(words, ReadByShell(string.Join(' ', words.Select(word => ThisProgram.Quote(word, windows: false)))));
        Assert.NotEqual(words, ReadByShell(string.Join(' ', words.Where(word => !word.Contains('\'', StringComparison.Ordinal) && !word.Contains('`', StringComparison.Ordinal))))); // the check sees a missing one
    }

    [Fact]
    public void A_command_begins_with_the_program_and_keeps_paths_whole() =>
        Assert.Equal("arena train --resume " + ThisProgram.Quote("my runs/a"), ThisProgram.Command("train", "--resume", "my runs/a"));

    [Fact]
    public void Children_are_the_running_program()
    {
        // A program of its own file, one that dotnet runs, one published as a single file.
        Assert.Equal("/p/own", Words(ChildProgram.Running("/p/own", "/p/own.dll")));
        Assert.Equal("/usr/bin/dotnet|exec|/p/own.dll", Words(ChildProgram.Running("/usr/bin/dotnet", "/p/own.dll")));
        Assert.Equal("/p/own", Words(ChildProgram.Running("/p/own", "")));
        Assert.Equal("dotnet|exec|/p/arena.dll", Words(ChildProgram.At("/p/arena.dll")));
        Assert.EndsWith("arena.dll", ChildProgram.This.First[^1], StringComparison.Ordinal); // in a host that is not the program
    }

    [Fact]
    public void A_child_gets_its_words_one_by_one() =>
        Assert.Equal(["exec", "/p/arena.dll", "train", "my runs"], ChildProgram.At("/p/arena.dll").Start(["train", "my runs"]).ArgumentList);

    private static string Words(ChildProgram program) => string.Join('|', program.First.Prepend(program.File));

    // printf ends every word with a byte of its own, so that line breaks inside words are seen.
    private static string[] ReadByShell(string words)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true };
        foreach (string part in new[] { "-c", $"printf '%s\\001' {words}" }) start.ArgumentList.Add(part);
        using Process shell = Process.Start(start)!;
        string output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return output.Split('\u0001')[..^1];
    }
}
