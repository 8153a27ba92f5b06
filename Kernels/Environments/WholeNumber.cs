using System.Globalization;

namespace Arena.Kernels.Environments;

/// <summary>Whole numbers as people write them: 2000000, 2e6, 2.5M, 500k, 1G, 1_000_000, 1,000,000.</summary>
public static class WholeNumber
{
    private const int MostDigits = 28; // that a decimal holds exactly

    /// <summary>The value of <paramref name="text"/>, exactly; false where it is none, or not a whole one.</summary>
    /// <param name="text">Digits, perhaps in groups of three, with a sign, a point, an exponent or a suffix: k is 1e3, M 1e6, G 1e9.</param>
    /// <param name="value">The value.</param>
    public static bool TryParse(string text, out decimal value)
    {
        value = 0;
        string number = text.Trim();
        int power = number.Length == 0 ? 0 : number[^1] switch { 'k' or 'K' => 3, 'M' => 6, 'G' or 'g' => 9, _ => 0 };
        if (power > 0) number = number[..^1];
        int exponent = number.IndexOfAny(['e', 'E']);
        if (exponent >= 0)
        {
            // Two ways at once to say how large it is would be a slip.
            if (power > 0 || !int.TryParse(number[(exponent + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out power)) return false;
            number = number[..exponent];
        }

        if (Math.Abs(power) > MostDigits || !IsGrouped(number)) return false;
        number = number.Replace("_", "", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal);
        if (number.Length > MostDigits || !decimal.TryParse(number, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal mantissa)) return false;
        for (; power < 0; power++) mantissa /= 10;
        for (; power > 0 && Math.Abs(mantissa) < decimal.MaxValue / 10; power--) mantissa *= 10;
        if (power > 0 || mantissa != decimal.Truncate(mantissa)) return false;
        value = decimal.Truncate(mantissa);
        return true;
    }

    // A comma or an underscore stands in front of three digits each: 1,5 is one and a half to many, and no whole number.
    private static bool IsGrouped(string number)
    {
        int point = number.IndexOf('.', StringComparison.Ordinal);
        string whole = (point < 0 ? number : number[..point]).TrimStart('+', '-');
        if (point >= 0 && number.AsSpan(point).IndexOfAny(',', '_') >= 0) return false;
        int first = whole.IndexOfAny([',', '_']);
        if (first < 0) return true;
        string[] groups = whole.Split(whole[first]);
        return groups[0].Length is >= 1 and <= 3 && groups.Skip(1).All(group => group.Length == 3) && groups.All(group => group.All(char.IsAsciiDigit));
    }
}
