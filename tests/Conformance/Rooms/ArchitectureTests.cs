using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using Arena.Conformance.Support;

namespace Arena.Conformance.Rooms;

/// <summary>The arrows between the rooms: Kernels ← Policy ← HostApi and Kernels ← Validation ← HostApi; nothing points back.</summary>
public class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> MaySee = new()
    {
        ["Kernels"] = [],
        ["Policy"] = ["Kernels"],
        ["Validation"] = ["Kernels"],
        ["HostApi"] = ["Kernels", "Policy", "Validation"],
    };

    private static readonly Dictionary<string, string> AssemblyOf = new()
    {
        ["Kernels"] = "Arena.Kernels",
        ["Policy"] = "Arena.Policy",
        ["Validation"] = "Arena.Validation",
        ["HostApi"] = "arena",
    };

    // Namespaces and types that have no business in device code and devices: files, consoles, networks, processes.
    private static readonly string[] NotInKernels = ["System.IO", "System.Net", "System.Diagnostics.Process", "System.Console"];

    public static TheoryData<string> Rooms => [.. MaySee.Keys];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_project_references_only_the_rooms_it_may_see(string room)
    {
        string[] projects = [.. Items(Project(room), "ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Replace('\\', '/')))];
        Assert.Empty(projects.Except(MaySee[room]));
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_built_assembly_references_only_the_rooms_it_may_see(string room)
    {
        string[] ours = [.. References(room).Where(name => AssemblyOf.ContainsValue(name))];
        Assert.Empty(ours.Except(MaySee[room].Select(seen => AssemblyOf[seen])));
    }

    [Theory]
    [InlineData("Kernels")]
    [InlineData("Policy")]
    [InlineData("Validation")]
    public void The_default_flavour_needs_no_packages_below_the_host(string room)
    {
        string[] always = [.. Project(room).Descendants("PackageReference")
            .Where(reference => reference.AncestorsAndSelf().All(element => element.Attribute("Condition") is null))
            .Select(reference => (string)reference.Attribute("Include")!)];
        Assert.Empty(always);
#if !CUDA && !TORCH
        string[] foreign = [.. References(room).Where(name => !name.StartsWith("System", StringComparison.Ordinal) && !name.StartsWith("Arena.", StringComparison.Ordinal))];
        Assert.Empty(foreign);
#endif
    }

    [Theory]
    [InlineData("ILGPU", "Kernels/Device/Cuda")]
    [InlineData("TorchSharp", "Policy/Torch")]
    public void A_gpu_package_is_used_in_one_folder_alone(string package, string folder)
    {
        string[] users = [.. new[] { "Kernels", "Policy", "Validation", "HostApi" }.SelectMany(Sources)
            .Where(file => !Relative(file).StartsWith(folder + "/", StringComparison.Ordinal))
            .Where(file => File.ReadLines(file).Any(line => line.Contains($"using {package}", StringComparison.Ordinal) || line.Contains($"global::{package}", StringComparison.Ordinal)))
            .Select(Relative)];
        Assert.True(users.Length == 0, $"{package} belongs into {folder}/ alone, but is used in {string.Join(", ", users)}");
        string room = folder.Split('/')[0];
        string[] referring = [.. MaySee.Keys.Where(other => other != room && Items(Project(other), "PackageReference").Any(name => name.StartsWith(package, StringComparison.Ordinal)))];
        Assert.Empty(referring);
    }

    [Fact]
    public void Kernels_know_no_files_consoles_networks_or_processes()
    {
        string[] forbidden = [.. TypeReferences("Kernels").Where(Forbidden)];
        Assert.True(forbidden.Length == 0, $"Arena.Kernels uses {string.Join(", ", forbidden)}");
    }

    [Fact]
    public void The_scan_for_files_and_consoles_would_see_one() =>
        Assert.Contains(TypeReferences(typeof(ArchitectureTests).Assembly.Location), Forbidden); // this very class reads files

    [Fact]
    public void A_kernel_source_names_no_other_room()
    {
        string[] wrong = [.. Sources("Kernels").Where(file => File.ReadLines(file).Any(line =>
            line.StartsWith("using Arena.Policy", StringComparison.Ordinal) || line.StartsWith("using Arena.Validation", StringComparison.Ordinal) || line.StartsWith("using Arena.HostApi", StringComparison.Ordinal)))];
        Assert.Empty(wrong);
    }

    [Fact]
    public void The_judge_calls_no_rule_of_the_kernels_it_judges()
    {
        // Validation may share constants, options, formations and layouts, but never a kernel. (Its checks run whole games, through IEnvironment.)
        using var pe = Open(BuiltPath("Validation"));
        MetadataReader reader = pe.GetMetadataReader();
        string[] kernels = [.. Tests.KernelScan.KernelTypes.Of(typeof(Kernels.Device.IKernel).Assembly).Select(type => type.FullName!)];
        Assert.Empty(Names(reader).Intersect(kernels));
    }

    private static bool Forbidden(string type) =>
        NotInKernels.Any(banned => type.StartsWith(banned, StringComparison.Ordinal))
        && type is not ("System.IO.InvalidDataException" or "System.IO.Stream" or "System.IO.IOException");

    private static XDocument Project(string room) => XDocument.Load(Repository.At($"{room}/{room}.csproj"));

    private static IEnumerable<string> Items(XDocument project, string item) =>
        project.Descendants(item).Select(reference => (string?)reference.Attribute("Include") ?? "");

    private static IEnumerable<string> Sources(string room) =>
        Directory.EnumerateFiles(Repository.At(room), "*.cs", SearchOption.AllDirectories)
            .Where(file => !Relative(file).Split('/').Any(part => part is "bin" or "obj"));

    private static string Relative(string file) => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/');

    private static string BuiltPath(string room) => Path.Join(AppContext.BaseDirectory, AssemblyOf[room] + ".dll");

    private static PEReader Open(string path) => new(File.OpenRead(path));

    private static string[] References(string room)
    {
        using PEReader pe = Open(BuiltPath(room));
        MetadataReader reader = pe.GetMetadataReader();
        return [.. reader.AssemblyReferences.Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name))];
    }

    private static string[] TypeReferences(string roomOrPath)
    {
        using PEReader pe = Open(AssemblyOf.ContainsKey(roomOrPath) ? BuiltPath(roomOrPath) : roomOrPath);
        return [.. Names(pe.GetMetadataReader())];
    }

    private static List<string> Names(MetadataReader reader) =>
        [.. reader.TypeReferences.Select(reader.GetTypeReference).Select(type => $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}")];
}
