using System.Text.Encodings.Web;
using System.Text.Json;
using CsCheck;

namespace KvStoreMesh.Core.Tests.Resources;

/// <summary>
/// Writes one object in one of the many ways that Go's decoder takes for the same: any order, case and white space,
/// escapes or raw text, fields nobody knows, and a field that was null before or is said twice.
/// </summary>
internal static class JsonMess
{
    private static readonly JsonSerializerOptions Raw = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Gen<string> Space = Gen.Char[" \t\r\n"].Array[0, 3].Select(chars => new string(chars));

    private static readonly Gen<(string Name, string Json)> UnknownField = Gen.Select(
        Gen.OneOf(Gen.Const("hostnames"), Gen.Const("BootID"), Gen.Const("x\ny"), Gen.Const("")),
        Gen.OneOf(Gen.Const("null"), Gen.Const("[{},[1e9,-0.5]]"), Gen.Const("{\"Name\":{\"Name\":[]}}"), Gen.Const("\"\\ud800\"")));

    /// <summary>A name of Kubernetes or something worse.</summary>
    public static readonly Gen<string> Name = Gen.OneOf(
        Gen.Char["abcdefghijklmnopqrstuvwxyz0123456789-."].Array[1, 12].Select(chars => new string(chars)),
        Gen.OneOf(Gen.Const("ß<>&\u2028"), Gen.Const("日本"), Gen.Const("\"\\\n\t"), Gen.Const("😀")));

    /// <summary>A text as a JSON literal, with or without escapes.</summary>
    public static Gen<string> Text(string text) =>
        Gen.Bool.Select(raw => raw ? JsonSerializer.Serialize(text, Raw) : JsonSerializer.Serialize(text));

    /// <summary>A struct of Go.</summary>
    public static Gen<string> Struct(params (string Name, Gen<string> Json)[] fields) =>
        from known in All(fields.Select(field => Gen.Select(AnyCase(field.Name), field.Json)))
        from before in Gen.OneOf(Gen.Const("null"), Gen.Const(known[0].Item2)).Array[0, 1]
        from unknown in UnknownField.Array[0, 3]
        from shuffled in Gen.Shuffle(known.Concat(unknown).ToArray())
        from text in Object([.. before.Select(json => (known[0].Item1, json)), .. shuffled])
        select text;

    /// <summary>A map of Go.</summary>
    public static Gen<string> Map(IEnumerable<(string Key, Gen<string> Json)> entries) =>
        from written in All(entries.Select(entry => entry.Json.Select(json => (entry.Key, json))))
        from text in Object([.. written])
        select text;

    /// <summary>A slice of Go.</summary>
    public static Gen<string> Array(IEnumerable<Gen<string>> items) =>
        All(items).Select(Space, (written, space) => $"[{space}{string.Join(',' + space, written)}]");

    private static Gen<string> Object((string Name, string Json)[] fields) =>
        from space in Space
        from names in All(fields.Select(field => Text(field.Name)))
        select $"{{{space}{string.Join(',' + space, fields.Select((field, i) => $"{names[i]}{space}:{field.Json}"))}{space}}}";

    private static Gen<string> AnyCase(string name) => Gen.OneOf(
        Gen.Const(name), Gen.Const(name.ToUpperInvariant()), Gen.Const(name.ToLowerInvariant()), Gen.Const(name.Replace('s', 'ſ')));

    private static Gen<List<T>> All<T>(IEnumerable<Gen<T>> gens) => gens.Aggregate(
        Gen.Const(() => new List<T>()), (list, gen) => list.Select(gen, (items, item) => new List<T>(items) { item }));
}
