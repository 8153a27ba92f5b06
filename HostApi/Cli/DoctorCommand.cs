using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Arena.Kernels.Device;
using Arena.Kernels.Device.Cuda;
using Arena.Kernels;

namespace Arena.HostApi.Cli;

/// <summary><c>arena doctor</c>: what this machine and this build have, what is missing, and how to get it.</summary>
internal static class DoctorCommand
{
    internal static Command Create(CliContext context)
    {
        var command = new Command("doctor", "Show SDK, machine, build flavour and device; say what is missing and how to get it.");
        command.SetAction(_ =>
        {
            Write(context.Terminal);
            return ExitCode.Success;
        });
        return command;
    }

    private static void Write(Terminal terminal)
    {
        string? sdk = SdkVersion();
        string? driver = DeviceChoice.DriverFile();
        var table = new ResultTable("Doctor", "what", "found") { RightAligned = _ => false };
        table.Add("program", $"{(ThisProgram.Name == "arena" ? "" : ThisProgram.Name + " with ")}arena {typeof(DoctorCommand).Assembly.GetName().Version?.ToString(3)}");
        table.Add(".NET SDK", sdk ?? "not found");
        table.Add("runtime", $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}");
        table.Add("operating system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}");
        table.Add("cores", Numbers.Text($"{Environment.ProcessorCount}"));
        table.Add("memory for this process", Numbers.Text($"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30):0.0} GiB"));
        table.Add("instruction set", CpuDevice.InstructionSet);
        table.Add("build: optimised", Optimised ? "yes (Release)" : "no (Debug)");
        table.Add("build: checked", BuildInfo.Checked ? "yes: indices are checked, several times slower" : "no");
        table.Add("build: cuda", BuildInfo.Cuda ? "yes: kernels can be compiled for a GPU" : "no");
        table.Add("build: torch", BuildInfo.Torch ? "yes: the TorchSharp engine is in it" : "no");
        table.Add("NVIDIA driver", driver ?? "not found");
        (string gpu, string? trouble) = Gpu();
        table.Add("GPU", gpu);
        (string description, string reason) = DeviceChoice.Explain();
        table.Add("device chosen", $"{description}: {reason}");
        table.Write(terminal);
        List<string> advice = Advice(sdk, driver, trouble);
        if (advice.Count == 0) terminal.Output.WriteLine("Nothing is missing.");
        foreach (string line in advice) terminal.Output.WriteLine("- " + line);
    }

    private static List<string> Advice(string? sdk, string? driver, string? trouble)
    {
        var advice = new List<string>();
        if (sdk is null)
            advice.Add("The .NET SDK is not on the path: it is needed to build, not to run. Get .NET 10 from https://dotnet.microsoft.com/download.");
        if (!Optimised) advice.Add("This is a Debug build, for stepping through kernels. For speed: dotnet run -c Release --project HostApi -- COMMAND.");
        else if (BuildInfo.Checked) advice.Add("This build checks every index. For speed build without -p:Checked=true.");
        if (driver is null && BuildInfo.Cuda) advice.Add("This build can use a GPU, but there is no NVIDIA driver here: kernels run on the CPU. Without a GPU, build without -p:Cuda=true.");
        if (driver is not null && trouble is not null) advice.Add($"The GPU cannot be used: {trouble}.");
        else if (driver is not null && KernelCompilers.Missing is { } missing) advice.Add($"A GPU is here, but {missing}.");
        return advice;
    }

    // What the driver says of the GPU, in any build; or what is wrong.
    private static (string Found, string? Trouble) Gpu()
    {
        try
        {
            CudaFacts facts = CudaProbe.Read(CudaDriver.Load(), 0);
            return (Numbers.Text($"{facts.Name}, compute capability {facts.Capability}, {facts.MemoryBytes / (double)(1L << 30):0.0} GiB, driver for {facts.DriverText}"), null);
        }
        catch (CudaUnavailableException why)
        {
            return ("none", why.Message);
        }
    }

    private static bool Optimised =>
        typeof(DoctorCommand).Assembly.GetCustomAttributes(typeof(DebuggableAttribute), false) is not [DebuggableAttribute { IsJITOptimizerDisabled: true }];

    private static string? SdkVersion()
    {
        try
        {
            var start = new ProcessStartInfo("dotnet", "--version") { RedirectStandardOutput = true, RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            string version = process.StandardOutput.ReadToEnd().Trim();
            return process.WaitForExit(5000) && process.ExitCode == 0 ? version : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // no such program
        }
    }
}
