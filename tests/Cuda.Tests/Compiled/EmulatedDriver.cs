using System.Runtime.InteropServices;

namespace Arena.Cuda.Tests.Compiled;

/// <summary>A driver whose GPU is this machine: launches run the PTX, thread by thread, from barrier to barrier.</summary>
/// <remarks>Threads of a block run from the last to the first, blocks too, so that nothing can rely on the order in which a CPU would run them.</remarks>
internal sealed unsafe class EmulatedDriver : FakeDriver
{
    private readonly Dictionary<string, PtxProgram> programs = [];

    /// <summary>Changes PTX before it is run, to plant a fault.</summary>
    internal Func<string, string> Sabotage { get; set; } = static ptx => ptx;

    protected override void Execute(string ptx, int blocks, int threadsX, int threadsY, byte[][] arguments)
    {
        if (!programs.TryGetValue(ptx, out PtxProgram? program)) programs.Add(ptx, program = PtxProgram.Translate(Sabotage(ptx)));
        byte[] parameters = new byte[arguments.Sum(argument => (argument.Length + 7) / 8 * 8)];
        int at = 0;
        foreach (byte[] argument in arguments)
        {
            argument.CopyTo(parameters, at);
            at += (argument.Length + 7) / 8 * 8;
        }

        int threads = threadsX * threadsY;
        var registers = (byte*)NativeMemory.Alloc((nuint)Math.Max(1, program.RegisterBytes * threads));
        var waiting = new int[threads];
        fixed (byte* start = parameters)
        {
            for (int block = blocks - 1; block >= 0; block--)
            {
                Array.Clear(waiting);
                do
                {
                    for (int thread = threads - 1; thread >= 0; thread--)
                        waiting[thread] = program.Run(registers + (long)thread * program.RegisterBytes, start, block, threadsX, threadsY, thread % threadsX, thread / threadsX, waiting[thread]);
                    // On a GPU a barrier that some threads never reach is undefined.
                    if (waiting.AsSpan().ContainsAnyExcept(waiting[0])) throw new InvalidOperationException("Threads of a block wait at different barriers.");
                }
                while (waiting[0] != 0);
            }
        }

        NativeMemory.Free(registers);
    }
}
