package mash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/**
 * `golden ROOT FILE...` reads and writes golden bytes; `open ROOT FILE...` opens the last message of each envelope
 * vector, and `receive` looks besides at what only its kind has; `make ROOT FILE...` makes an envelope from each
 * {header, readers, record}; `words ROOT` lists what `open` refuses with, `kind-words ROOT` what `receive` does. One
 * line of JSON a file; ROOT is the repository.
 */
public final class Main {
    private Main() {}

    /** Does one command over all its files. */
    public static void main(String[] arguments) throws Exception {
        Path root = Path.of(arguments[1]);
        Contract contract = new Contract(root);
        Partnership partnership = new Partnership(contract, Json.read(root.resolve("tests/vectors/partnership.json")));
        if (arguments[0].equals("words")) {
            Opener.WORDS.forEach(System.out::println);
            return;
        }
        if (arguments[0].equals("kind-words")) {
            Receiver.WORDS.forEach(System.out::println);
            return;
        }
        for (String file : Arrays.asList(arguments).subList(2, arguments.length)) {
            JsonNode given = Json.read(Path.of(file));
            Opener opener = new Opener(contract, partnership);
            JsonNode said = switch (arguments[0]) {
                case "golden" -> golden(contract, given);
                case "open" -> read((value, how) -> opener.open(value, how).record(), contract, partnership, given);
                case "receive" -> read(new Receiver(opener)::receive, contract, partnership, given);
                case "make" -> make(new Maker(contract, partnership), given);
                default -> throw new IllegalArgumentException(arguments[0]);
            };
            System.out.println(said);
        }
    }

    private static JsonNode golden(Contract contract, JsonNode document) throws Exception {
        Schema schema = contract.schema(document.required("schema").textValue());
        int count = 0;
        for (JsonNode example : document.required("examples")) {
            byte[] bytes = HexFormat.of().parseHex(example.required("avro").textValue());
            JsonNode expected = example.required("value");
            Object value = Codec.decode(schema, bytes);
            boolean same = Arrays.equals(Codec.encode(schema, value), bytes)
                    && Json.write(schema, value).equals(expected)
                    && Arrays.equals(Codec.encode(schema, Json.read(schema, expected)), bytes);
            if (!same) {
                throw new IllegalStateException(schema.getName() + " example " + count + " is not the same");
            }
            count++;
        }
        return node().put("schema", document.required("schema").textValue()).put("examples", count);
    }

    /** One way to read a message. */
    private interface Way {
        GenericRecord read(byte[] value, Opener.Reading how) throws Refused, IOException, GeneralSecurityException;
    }

    private static JsonNode read(Way way, Contract contract, Partnership partnership, JsonNode vector)
            throws Exception {
        String kind = vector.required("expects_kind").textValue();
        String reader = vector.required("reader").textValue();
        long now = OffsetDateTime.parse(vector.required("now").textValue()).toInstant().toEpochMilli();
        byte[] seed = vector.required("keys_destroyed").booleanValue() ? null : partnership.seed("kem_seeds", reader);
        JsonNode messages = vector.required("messages");
        byte[] value = bytes(messages.required(messages.size() - 1));
        ObjectNode said = node().put("name", vector.required("name").textValue());
        try {
            Object record = way.read(value, new Opener.Reading(reader, kind, now, seed));
            said.put("outcome", "ACCEPT").set("record", Json.write(contract.kind(kind).schema(), record));
        } catch (Refused refused) {
            said.put("outcome", refused.word);
        }
        return said;
    }

    private static byte[] bytes(JsonNode message) {
        if (message.has("times")) {
            byte[] repeated = new byte[message.required("times").intValue()];
            Arrays.fill(repeated, (byte) message.required("repeated_byte").intValue());
            return repeated;
        }
        return Base64.getDecoder().decode(message.required("value").textValue());
    }

    private static JsonNode make(Maker maker, JsonNode given) throws Exception {
        List<String> readers = new ArrayList<>();
        given.required("readers").forEach(reader -> readers.add(reader.textValue()));
        byte[] value = maker.make(given.required("record"), given.required("header"), readers);
        return node().put("value", Base64.getEncoder().encodeToString(value));
    }

    private static ObjectNode node() {
        return JsonNodeFactory.instance.objectNode();
    }
}
