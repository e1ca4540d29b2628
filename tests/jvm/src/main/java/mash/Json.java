package mash;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;

/** Values as the vectors write them (docs/suppliers.md): bytes in hex, dates and times in ISO 8601. */
final class Json {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.USE_LONG_FOR_INTS);
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final DateTimeFormatter WHOLE = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'");
    private static final DateTimeFormatter FINER = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'");

    private Json() {}

    static JsonNode read(Path path) throws IOException {
        return MAPPER.readTree(path.toFile());
    }

    static JsonNode write(Schema schema, Object value) {
        switch (schema.getType()) {
            case RECORD -> {
                ObjectNode node = NODES.objectNode();
                for (Schema.Field field : schema.getFields()) {
                    node.set(field.name(), write(field.schema(), ((GenericRecord) value).get(field.pos())));
                }
                return node;
            }
            case ARRAY -> {
                ArrayNode node = NODES.arrayNode();
                for (Object item : (List<?>) value) {
                    node.add(write(schema.getElementType(), item));
                }
                return node;
            }
            case UNION -> {
                return value == null ? NODES.nullNode() : write(present(schema), value);
            }
            case FIXED -> {
                return NODES.textNode(HexFormat.of().formatHex(((GenericFixed) value).bytes()));
            }
            case BYTES -> {
                return NODES.textNode(HexFormat.of().formatHex(bytes(value)));
            }
            case BOOLEAN -> {
                return NODES.booleanNode((Boolean) value);
            }
            case INT, LONG -> {
                return number(schema, ((Number) value).longValue());
            }
            case STRING, ENUM -> {
                return NODES.textNode(value.toString());
            }
            default -> throw new IllegalArgumentException(schema.getType().getName());
        }
    }

    static Object read(Schema schema, JsonNode node) {
        switch (schema.getType()) {
            case RECORD -> {
                GenericRecord record = new GenericData.Record(schema);
                for (Schema.Field field : schema.getFields()) {
                    record.put(field.pos(), read(field.schema(), node.required(field.name())));
                }
                return record;
            }
            case ARRAY -> {
                List<Object> items = new ArrayList<>();
                node.forEach(item -> items.add(read(schema.getElementType(), item)));
                return items;
            }
            case UNION -> {
                return node.isNull() ? null : read(present(schema), node);
            }
            case FIXED -> {
                return new GenericData.Fixed(schema, HexFormat.of().parseHex(node.textValue()));
            }
            case BYTES -> {
                return ByteBuffer.wrap(HexFormat.of().parseHex(node.textValue()));
            }
            case BOOLEAN -> {
                return node.booleanValue();
            }
            case INT -> {
                return (int) ticks(schema, node);
            }
            case LONG -> {
                return ticks(schema, node);
            }
            case STRING -> {
                return node.textValue();
            }
            case ENUM -> {
                return new GenericData.EnumSymbol(schema, node.textValue());
            }
            default -> throw new IllegalArgumentException(schema.getType().getName());
        }
    }

    /** Every union of this contract is null or one other type. */
    private static Schema present(Schema union) {
        return union.getTypes().get(1);
    }

    static byte[] bytes(Object buffer) {
        ByteBuffer view = ((ByteBuffer) buffer).duplicate();
        byte[] out = new byte[view.remaining()];
        view.get(out);
        return out;
    }

    private static JsonNode number(Schema schema, long value) {
        if (schema.getProp("logicalType") == null) {
            return NODES.numberNode(value);
        }
        if (schema.getType() == Schema.Type.INT) {
            return NODES.textNode(LocalDate.ofEpochDay(value).toString());
        }
        DateTimeFormatter format = value % 1000 == 0 ? WHOLE : FINER;
        return NODES.textNode(format.format(Instant.ofEpochMilli(value).atOffset(ZoneOffset.UTC)));
    }

    private static long ticks(Schema schema, JsonNode node) {
        if (schema.getProp("logicalType") == null) {
            return node.longValue();
        }
        boolean isDate = schema.getType() == Schema.Type.INT;
        String text = node.textValue();
        return isDate ? LocalDate.parse(text).toEpochDay() : Instant.parse(text).toEpochMilli();
    }
}
