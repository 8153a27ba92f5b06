// Named as in PTX, with underscores for the dots: the emulator looks an instruction up by its name.
#pragma warning disable IDE1006, CA1707
namespace Arena.Cuda.Tests.Compiled;

/// <summary>What PTX instructions compute (PTX ISA 8.0, "Instruction Set"), one method each. A predicate is 0 or 1; bytes and halves are held in 32 bits.</summary>
internal static unsafe class PtxOps
{
    public static float add_rn_f32(float a, float b) => a + b;
    public static float sub_rn_f32(float a, float b) => a - b;
    public static float mul_rn_f32(float a, float b) => a * b;
    public static float div_rn_f32(float a, float b) => a / b;
    public static float rcp_rn_f32(float a) => 1f / a;
    public static float sqrt_rn_f32(float a) => MathF.Sqrt(a);
    public static float neg_f32(float a) => -a;
    public static float abs_f32(float a) => MathF.Abs(a);
    public static double add_rn_f64(double a, double b) => a + b;
    public static double sub_rn_f64(double a, double b) => a - b;
    public static double mul_rn_f64(double a, double b) => a * b;
    public static double div_rn_f64(double a, double b) => a / b;
    public static double rcp_rn_f64(double a) => 1d / a;

    // Approximations differ from GPU to GPU; here they are as good as a float can be.
    public static float ex2_approx_f32(float a) => (float)Math.Pow(2, a);
    public static float lg2_approx_f32(float a) => (float)Math.Log2(a);
    public static float tanh_approx_f32(float a) => (float)Math.Tanh(a);
    public static float sin_approx_f32(float a) => (float)Math.Sin(a);
    public static float cos_approx_f32(float a) => (float)Math.Cos(a);

    public static int add_s32(int a, int b) => a + b;
    public static int sub_s32(int a, int b) => a - b;
    public static int mul_lo_s32(int a, int b) => a * b;
    public static int mad_lo_s32(int a, int b, int c) => a * b + c;
    public static int div_s32(int a, int b) => b == 0 ? -1 : b == -1 ? -a : a / b;
    public static int rem_s32(int a, int b) => b is 0 or -1 ? 0 : a % b;
    public static int div_u32(int a, int b) => b == 0 ? -1 : (int)((uint)a / (uint)b);
    public static int rem_u32(int a, int b) => b == 0 ? a : (int)((uint)a % (uint)b);
    public static int neg_s32(int a) => -a;
    public static long add_s64(long a, long b) => a + b;
    public static long add_u64(long a, long b) => a + b;
    public static long sub_s64(long a, long b) => a - b;
    public static long mul_lo_s64(long a, long b) => a * b;
    public static long mul_lo_u64(long a, long b) => a * b;
    public static long mul_wide_u32(int a, int b) => (long)((ulong)(uint)a * (uint)b);
    public static long div_s64(long a, long b) => b == 0 ? -1 : b == -1 ? -a : a / b;
    public static long rem_s64(long a, long b) => b is 0 or -1 ? 0 : a % b;
    public static long neg_s64(long a) => -a;

    public static int and_b32(int a, int b) => a & b;
    public static int or_b32(int a, int b) => a | b;
    public static int xor_b32(int a, int b) => a ^ b;
    public static int not_b32(int a) => ~a;
    public static long and_b64(long a, long b) => a & b;
    public static long or_b64(long a, long b) => a | b;
    public static long xor_b64(long a, long b) => a ^ b;
    public static int and_pred(int a, int b) => a & b;
    public static int or_pred(int a, int b) => a | b;
    public static int xor_pred(int a, int b) => a ^ b;
    public static int not_pred(int a) => 1 - a;

    // Amounts beyond the width are clamped to it, where C# takes them modulo the width.
    public static int shl_b32(int a, int n) => (uint)n > 31 ? 0 : a << n;
    public static int shr_s32(int a, int n) => a >> ((uint)n > 31 ? 31 : n);
    public static int shr_u32(int a, int n) => (uint)n > 31 ? 0 : (int)((uint)a >> n);
    public static long shl_b64(long a, int n) => (uint)n > 63 ? 0 : a << n;
    public static long shr_s64(long a, int n) => a >> ((uint)n > 63 ? 63 : n);
    public static long shr_u64(long a, int n) => (uint)n > 63 ? 0 : (long)((ulong)a >> n);

    public static int mov_b16(int a) => a;
    public static int mov_b32(int a) => a;
    public static int mov_f32(int a) => a;
    public static int mov_pred(int a) => a;
    public static long mov_b64(long a) => a;
    public static long mov_f64(long a) => a;
    public static int selp_b16(int a, int b, int p) => p != 0 ? a : b;
    public static int selp_b32(int a, int b, int p) => p != 0 ? a : b;
    public static long selp_b64(long a, long b, int p) => p != 0 ? a : b;

    public static long cvt_s64_s32(int a) => a;
    public static long cvt_u64_u32(int a) => (uint)a;
    public static long cvt_s64_u8(int a) => (byte)a;
    public static long cvt_s64_u16(int a) => (ushort)a;
    public static long cvt_u64_u8(int a) => (byte)a;
    public static int cvt_u32_u64(long a) => (int)a;
    public static int cvt_s32_s64(long a) => (int)a;
    public static int cvt_s32_u8(int a) => (byte)a;
    public static int cvt_s32_s8(int a) => (sbyte)a;
    public static int cvt_s32_u16(int a) => (ushort)a;
    public static int cvt_s32_s16(int a) => (short)a;
    public static int cvt_u8_u32(int a) => (byte)a;
    public static int cvt_u16_u32(int a) => (ushort)a;
    public static int cvt_u8_s64(long a) => (byte)a;
    public static int cvt_s8_s32(int a) => (sbyte)a;
    public static float cvt_rn_f32_s32(int a) => a;
    public static float cvt_rn_f32_u32(int a) => (uint)a;
    public static float cvt_rn_f32_s64(long a) => a;
    public static double cvt_rn_f64_s32(int a) => a;
    public static double cvt_f64_f32(float a) => a;
    public static float cvt_rn_f32_f64(double a) => (float)a;
    public static float cvt_rmi_f32_f32(float a) => MathF.Floor(a);
    public static int cvt_rzi_s32_f32(float a) => float.IsNaN(a) ? 0 : a >= 2147483648f ? int.MaxValue : a < -2147483648f ? int.MinValue : (int)a;
    public static int cvt_rzi_u8_f32(float a) => float.IsNaN(a) || a < 0 ? 0 : a >= 255 ? 255 : (int)a;
    public static long cvta_to_global_u64(long a) => a;

    public static int setp_eq_s32(int a, int b) => a == b ? 1 : 0;
    public static int setp_ne_s32(int a, int b) => a != b ? 1 : 0;
    public static int setp_lt_s32(int a, int b) => a < b ? 1 : 0;
    public static int setp_le_s32(int a, int b) => a <= b ? 1 : 0;
    public static int setp_gt_s32(int a, int b) => a > b ? 1 : 0;
    public static int setp_ge_s32(int a, int b) => a >= b ? 1 : 0;
    public static int setp_eq_u32(int a, int b) => a == b ? 1 : 0;
    public static int setp_ne_u32(int a, int b) => a != b ? 1 : 0;
    public static int setp_lo_u32(int a, int b) => (uint)a < (uint)b ? 1 : 0;
    public static int setp_ls_u32(int a, int b) => (uint)a <= (uint)b ? 1 : 0;
    public static int setp_hi_u32(int a, int b) => (uint)a > (uint)b ? 1 : 0;
    public static int setp_hs_u32(int a, int b) => (uint)a >= (uint)b ? 1 : 0;
    public static int setp_eq_s64(long a, long b) => a == b ? 1 : 0;
    public static int setp_ne_s64(long a, long b) => a != b ? 1 : 0;
    public static int setp_lt_s64(long a, long b) => a < b ? 1 : 0;
    public static int setp_le_s64(long a, long b) => a <= b ? 1 : 0;
    public static int setp_gt_s64(long a, long b) => a > b ? 1 : 0;
    public static int setp_ge_s64(long a, long b) => a >= b ? 1 : 0;
    public static int setp_lo_u64(long a, long b) => (ulong)a < (ulong)b ? 1 : 0;
    public static int setp_ls_u64(long a, long b) => (ulong)a <= (ulong)b ? 1 : 0;
    public static int setp_hi_u64(long a, long b) => (ulong)a > (ulong)b ? 1 : 0;
    public static int setp_hs_u64(long a, long b) => (ulong)a >= (ulong)b ? 1 : 0;
    public static int setp_eq_f32(float a, float b) => a == b ? 1 : 0;
    public static int setp_lt_f32(float a, float b) => a < b ? 1 : 0;
    public static int setp_le_f32(float a, float b) => a <= b ? 1 : 0;
    public static int setp_gt_f32(float a, float b) => a > b ? 1 : 0;
    public static int setp_ge_f32(float a, float b) => a >= b ? 1 : 0;

    // With a u: also where an operand is NaN.
    public static int setp_neu_f32(float a, float b) => a == b ? 0 : 1;
    public static int setp_ltu_f32(float a, float b) => a >= b ? 0 : 1;
    public static int setp_leu_f32(float a, float b) => a > b ? 0 : 1;
    public static int setp_gtu_f32(float a, float b) => a <= b ? 0 : 1;
    public static int setp_geu_f32(float a, float b) => a < b ? 0 : 1;
    public static int setp_lt_f64(double a, double b) => a < b ? 1 : 0;
    public static int setp_gt_f64(double a, double b) => a > b ? 1 : 0;
    public static int setp_ge_f64(double a, double b) => a >= b ? 1 : 0;
    public static int setp_neu_f64(double a, double b) => a == b ? 0 : 1;
    public static int setp_leu_f64(double a, double b) => a > b ? 0 : 1;

    // One thread at a time runs here, so a plain operation is atomic.
    public static void red_add_u32(nint at, int value) => *(int*)at += value;
    public static void red_and_b32(nint at, int value) => *(int*)at &= value;
    public static void red_or_b32(nint at, int value) => *(int*)at |= value;
    public static int atom_exch_b32(nint at, int value) => (*(int*)at, *(int*)at = value).Item1;

    public static int ld_b8(nint at) => *(byte*)at;
    public static int ld_b16(nint at) => *(ushort*)at;
    public static int ld_b32(nint at) => *(int*)at;
    public static long ld_b64(nint at) => *(long*)at;
    public static int ld_f32(nint at) => *(int*)at;
    public static long ld_f64(nint at) => *(long*)at;
    public static void st_b8(nint at, int value) => *(byte*)at = (byte)value;
    public static void st_b16(nint at, int value) => *(short*)at = (short)value;
    public static void st_b32(nint at, int value) => *(int*)at = value;
    public static void st_b64(nint at, long value) => *(long*)at = value;
    public static void st_f32(nint at, int value) => *(int*)at = value;
    public static void st_f64(nint at, long value) => *(long*)at = value;
}
