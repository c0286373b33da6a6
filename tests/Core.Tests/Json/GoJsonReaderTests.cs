using System.Text;
using System.Text.Json;
using KvStoreMesh.Core.Json;

namespace KvStoreMesh.Core.Tests.Json;

public sealed class GoJsonReaderTests
{
    [Theory]
    [InlineData("""{"text":"a"}""", "a")]
    [InlineData("""{"TEXT":"a"}""", "a")]
    [InlineData("""{"te\u0078t":"a"}""", "a")]
    [InlineData("""{"text":"a","Text":"b"}""", "b")]
    [InlineData("""{"text":"a","text":null}""", "a")]
    [InlineData("""{"other":{"text":"x"},"text":"a","more":[{"text":"y"}]}""", "a")]
    [InlineData("  {\n \"text\" :\t\"a\" } \n", "a")]
    [InlineData("""{"text":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}""", "\"\\/\b\f\n\r\té😀")]
    [InlineData("""{"text":"\ud800x\udc00"}""", "\ufffdx\ufffd")]
    [InlineData("""{"text":"\ud800\ud83d\ude00"}""", "\ufffd😀")]
    [InlineData("{}", "")]
    [InlineData("null", "")]
    public void Text_is_read_as_Go_reads_it(string json, string expected) => Assert.Equal(expected, ReadText(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Bytes_that_are_not_utf8_are_replaced()
    {
        Assert.Equal("a\ufffdb", ReadText([.. "{\"text\":\"a"u8, 0xff, .. "b\"}"u8]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"text":"a"} x""")]
    [InlineData("""{"text":"a"}{}""")]
    [InlineData("""{"text":"a",}""")]
    [InlineData("""{"text":"\x"}""")]
    [InlineData("""{'text':'a'}""")]
    [InlineData("[]")]
    [InlineData("3")]
    public void What_Go_refuses_is_refused(string json) =>
        Assert.ThrowsAny<JsonException>(() => ReadText(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void An_error_names_the_field_and_what_it_holds()
    {
        var error = Assert.ThrowsAny<JsonException>(() => ReadText("{\"text\":12}"u8.ToArray()));
        Assert.Equal("\"text\" must be a string, not the number 12", error.Message);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("255", 255)]
    [InlineData("null", 7)]
    [InlineData("256", null)]
    [InlineData("-0", null)]
    [InlineData("1.0", null)]
    [InlineData("1e1", null)]
    [InlineData("\"1\"", null)]
    public void Unsigned_numbers_are_digits_within_their_range(string number, int? expected)
    {
        byte Read()
        {
            byte value = 7;
            var json = new GoJsonReader(Encoding.UTF8.GetBytes(number), 100);
            json.Read(ref value);
            json.End();
            return value;
        }

        if (expected is { } value)
        {
            Assert.Equal(value, Read());
        }
        else
        {
            Assert.ThrowsAny<JsonException>(() => Read());
        }
    }

    [Fact]
    public void Arrays_are_read_item_by_item_and_unread_items_are_skipped()
    {
        var items = new List<string>();
        var json = new GoJsonReader("""["a",{"b":["c"]},"d",null]"""u8, 100);
        var i = 0;
        for (var open = json.BeginArray(); open && json.NextItem();)
        {
            if (i++ != 1)
            {
                var text = "unset";
                json.Read(ref text);
                items.Add(text);
            }
        }

        json.End();
        Assert.Equal(["a", "d", "unset"], items);
    }

    [Fact]
    public void Size_and_depth_are_limited()
    {
        Assert.ThrowsAny<JsonException>(() => ReadText(Encoding.UTF8.GetBytes("{}" + new string(' ', 1000))));
        Assert.ThrowsAny<JsonException>(() => ReadText(Encoding.UTF8.GetBytes($"{{\"x\":{new string('[', 100)}{new string(']', 100)}}}")));
    }

    private static string ReadText(byte[] bytes)
    {
        var text = string.Empty;
        var json = new GoJsonReader(bytes, 1000);
        for (var open = json.BeginObject(); open && json.NextField();)
        {
            if (json.Is("text"u8))
            {
                json.Read(ref text);
            }
        }

        json.End();
        return text;
    }
}
