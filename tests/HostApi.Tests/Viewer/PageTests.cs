using System.Text.Json;
using Arena.HostApi.Viewer;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Snake;
using Arena.Kernels.Environments.Soccer;

namespace Arena.HostApi.Tests.Viewer;

/// <summary>The page in a real browser.</summary>
public sealed class PageTests : IDisposable
{
    private const string Tick = "arenaViewer.frame.tick";
    private readonly string folder = Directory.CreateTempSubdirectory("arena-page-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [BrowserFact]
    public async Task Matches_run_pause_step_and_restart_and_an_agent_can_be_looked_into()
    {
        var options = new SoccerOptions { NumEnvs = 16 };
        IGame game = Registry.Find("soccer");
        string file = TrainedPolicies.Save(Path.Join(folder, "policy.safetensors"), game, options, TrainedPolicies.Initial(TrainedPolicies.Network(game, options), 3));
        await using PageRig rig = await PageRig.Open("soccer", options, players: [Player.FromFile(game, options, file), Player.BuiltIn("scripted:normal")]);
        await using Chromium page = await Chromium.Open(rig.Url);
        await page.Until("globalThis.arenaViewer?.frame && document.querySelectorAll('#matches canvas').length === 16");
        int first = (await page.Evaluate(Tick)).GetInt32();
        await page.Until($"{Tick} > {first + 2}");
        Assert.True((await page.Evaluate("(() => { const c = document.querySelector('#matches canvas'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; return new Set(d).size > 20; })()")).GetBoolean());

        await page.Evaluate("document.getElementById('pause').click()");
        await page.Until("arenaViewer.frame.paused && arenaViewer.status.paused");
        int paused = (await page.Evaluate(Tick)).GetInt32();
        await page.Evaluate("new Promise(done => setTimeout(done, 400))");
        Assert.Equal(paused, (await page.Evaluate(Tick)).GetInt32());
        await page.Key("keyDown", "Period", ".");
        await page.Until($"{Tick} === {paused + 1}");

        JsonElement at = await page.Evaluate("""
            (() => { const c = document.querySelectorAll('#matches canvas')[1], m = arenaViewer.frame.matches[1], s = m.shapes.find(shape => shape.agent === 2), box = c.getBoundingClientRect();
              const scale = Math.min(box.width / (m.maxX - m.minX), box.height / (m.maxY - m.minY));
              return [box.left + box.width / 2 + (s.x - (m.minX + m.maxX) / 2) * scale, box.top + box.height / 2 - (s.y - (m.minY + m.maxY) / 2) * scale]; })()
            """);
        await page.Click(at[0].GetDouble(), at[1].GetDouble());
        await page.Until("document.getElementById('agent-title').textContent === 'Match 2, agent 2'");
        string panel = (await page.Evaluate("document.getElementById('agent-body').textContent")).GetString()!;
        foreach (string word in new[] { "expected return", "moveX", "kickY", "±", "ballProgress", "own velocity x", "teammate 1 distance" }) Assert.Contains(word, panel);

        await page.Key("keyDown", "KeyR", "r");
        await page.Until($"{Tick} === 0");
        await page.Evaluate("document.getElementById('pause').click()");
        await page.Until($"{Tick} > 0");
        Assert.Empty(page.Complaints);
        await page.Evaluate("console.error('planted')");
        Assert.Single(page.Complaints); // an error would have been seen
    }

    [BrowserFact]
    public async Task A_key_moves_the_player_and_letting_go_stops_the_input()
    {
        await using PageRig rig = await PageRig.Open("soccer", new SoccerOptions { NumEnvs = 1 }, person: 1);
        await using Chromium page = await Chromium.Open(rig.Url);
        await page.Until("globalThis.arenaViewer?.frame?.tick > 0");
        const string Own = "arenaViewer.frame.matches[0].shapes.find(shape => shape.agent === 1)";
        double before = (await page.Evaluate($"{Own}.y")).GetDouble();
        await page.Key("keyDown", "ArrowUp", "ArrowUp");
        await page.Until($"{Own}.y > {before + 1}");
        await page.Key("keyDown", "Space", " ");
        await page.Evaluate("new Promise(done => setTimeout(done, 100))");
        Assert.True(rig.Person!.Input is { Y: 1f, Button: true });
        await page.Key("keyUp", "ArrowUp", "ArrowUp");
        await page.Key("keyUp", "Space", " ");
        SpinWait.SpinUntil(() => rig.Person.Input == StickInput.Rest, TimeSpan.FromSeconds(10));
        Assert.Equal(StickInput.Rest, rig.Person.Input);
        Assert.Empty(page.Complaints);
    }

    [BrowserFact]
    public async Task Curves_of_a_run_are_drawn_and_grow_while_it_goes_on()
    {
        string run = RunFixture.Write(folder, updates: 30);
        await using PageRig rig = await PageRig.Open("corridor", new CorridorOptions { NumEnvs = 2 }, new RunFiles(run));
        await using Chromium page = await Chromium.Open(rig.Url);
        await page.Until("document.querySelectorAll('#charts .chart path.curve').length >= 4");
        string text = (await page.Evaluate("document.getElementById('charts').textContent")).GetString()!;
        foreach (string word in new[] { "Score against built-in opponents", "Entropy", "scripted:normal" }) Assert.Contains(word, text);
        string before = (await page.Evaluate("document.querySelector('#charts path.curve').getAttribute('d')")).GetString()!;
        Assert.DoesNotContain("NaN", before);

        // The value under the pointer: the middle of the last point's way, and the rest value afterwards.
        const string Readout = "document.querySelector('#charts .legend .readout').textContent";
        string rest = (await page.Evaluate(Readout)).GetString()!;
        JsonElement at = await page.Evaluate("(() => { const plot = document.querySelector('#charts svg.plot'); plot.scrollIntoView({ block: 'center' }); const b = plot.getBoundingClientRect(); return [b.left + b.width * (42 + 252 / 2) / 300, b.top + 40]; })()");
        await page.Move(at[0].GetDouble(), at[1].GetDouble());
        await page.Until($"{Readout} !== '{rest}' && document.querySelector('#charts .pointer') && document.querySelector('#charts figcaption .readout').textContent === 'at 15k'");
        Assert.Equal("0.14", (await page.Evaluate(Readout)).GetString()); // update 14 of scripted:normal, after 15,000 agent-steps
        await page.Move(2, 2);
        await page.Until($"{Readout} === '{rest}' && !document.querySelector('#charts .pointer')");
        RunFixture.Append(run, from: 30, updates: 30);
        await page.Until($"document.querySelector('#charts path.curve').getAttribute('d').length > {before.Length}");
        await page.Until("document.getElementById('curves-note').textContent.includes('60 updates')");
        Assert.Empty(page.Complaints);
    }

    [BrowserFact]
    public async Task An_arena_of_specks_begins_close_to_an_agent_and_Z_shows_it_all()
    {
        await using PageRig rig = await PageRig.Open("snake", new SnakeOptions { NumEnvs = 1 });
        await using Chromium page = await Chromium.Open(rig.Url);
        const string Scale = "arenaViewer.figures[0].map.scale", Pressed = "document.getElementById('zoom').getAttribute('aria-pressed')";
        await page.Until($"globalThis.arenaViewer?.figures[0]?.map && {Scale} >= 14 && {Pressed} === 'true' && document.getElementById('agent-title').textContent === 'Match 1, agent 0'");
        // Its head is in the picture, which lies within the arena.
        const string Seen = """
            (() => { const f = arenaViewer.figures[0], m = arenaViewer.frame.matches[0], x = f.map.left + f.focus.x * f.map.scale, y = f.map.bottom - f.focus.y * f.map.scale;
              return x > 0 && x < f.canvas.width && y > 0 && y < f.canvas.height && -f.map.left / f.map.scale >= m.minX - 1e-3; })()
            """;
        Assert.True((await page.Evaluate(Seen)).GetBoolean());
        await page.Key("keyDown", "KeyZ", "z");
        await page.Until($"{Scale} < 3 && {Pressed} === 'false'");
        Assert.Empty(page.Complaints);
    }

    [BrowserFact]
    public async Task Beside_a_training_few_pictures_are_drawn_unless_asked_for()
    {
        string run = RunFixture.Write(folder, updates: 3);
        RunFixture.GoOn(run);
        await using PageRig rig = await PageRig.Open("corridor", new CorridorOptions { NumEnvs = 2 }, new RunFiles(run));
        await using Chromium page = await Chromium.Open(rig.Url);
        await page.Until("globalThis.arenaViewer?.status.training && arenaViewer.frames > 3");
        const string TicksPerPicture = "(async () => { const v = arenaViewer, first = v.frames, tick = v.frame.tick; while (v.frames < first + 4) await new Promise(done => setTimeout(done, 20)); return (v.frame.tick - tick) / (v.frames - first); })()";
        Assert.True((await page.Evaluate(TicksPerPicture)).GetDouble() > 2); // 8 ticks and 2 pictures a second
        Assert.Equal(0, (await page.Evaluate("arenaViewer.frame.seconds")).GetDouble());
        Assert.False((await page.Evaluate("document.getElementById('smooth').hidden")).GetBoolean());

        await page.Evaluate("document.getElementById('smooth').click()");
        await page.Until("arenaViewer.status.smooth && arenaViewer.frame.seconds > 0 && document.getElementById('smooth').getAttribute('aria-pressed') === 'true'");
        await page.Evaluate("document.getElementById('smooth').click()");
        await page.Until("arenaViewer.frame.seconds === 0");

        RunFixture.End(run);
        await page.Until("!arenaViewer.status.training && arenaViewer.frame.seconds > 0 && document.getElementById('smooth').hidden");
        Assert.Empty(page.Complaints);
    }

    [BrowserFact]
    public async Task A_paused_page_draws_nothing_again()
    {
        await using PageRig rig = await PageRig.Open("corridor", new CorridorOptions { NumEnvs = 2 });
        await using Chromium page = await Chromium.Open(rig.Url);
        await page.Until("globalThis.arenaViewer?.frame?.tick > 0");
        await page.Evaluate("document.getElementById('pause').click()");
        await page.Until("arenaViewer.frame.paused && !arenaViewer.drawing");
        int drawn = (await page.Evaluate("new Promise(done => setTimeout(() => done(arenaViewer.drawn), 200))")).GetInt32();
        Assert.Equal(drawn, (await page.Evaluate("new Promise(done => setTimeout(() => done(arenaViewer.drawn), 300))")).GetInt32());
        await page.Evaluate("document.getElementById('next').click()"); // the chosen agent is marked: a picture that looks different
        await page.Until($"arenaViewer.drawn > {drawn}");
    }

    [BrowserFact]
    public async Task A_broken_connection_is_shown_and_recovers()
    {
        await using PageRig rig = await PageRig.Open("snake", ((SnakeOptions)Registry.Find("snake").Presets.First(preset => preset.Name == "small").Options) with { NumEnvs = 1 });
        await using Chromium page = await Chromium.Open(rig.Url);
        await page.Until("globalThis.arenaViewer?.frame?.tick > 0");
        Assert.True((await page.Evaluate("document.body.classList.contains('live')")).GetBoolean());
        await rig.Interrupt(() => page.Until("!document.body.classList.contains('live') && document.body.classList.contains('lost') && document.getElementById('connection').textContent.includes('connection lost')"));
        int frames = (await page.Evaluate("arenaViewer.frames")).GetInt32();
        await page.Until($"!document.body.classList.contains('lost') && arenaViewer.frames > {frames + 2}");
        Assert.Equal("live", (await page.Evaluate("document.getElementById('connection').textContent")).GetString());
        Assert.All(page.Complaints, complaint => Assert.Contains("ERR_CONNECTION_REFUSED", complaint)); // the browser itself notes the refused attempts
    }
}
