package mash;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.avro.generic.GenericRecord;

/** The limits of each field (CODEC-4), by the JSON Schemas in docs/asyncapi.json, and what a request owes (CODEC-9). */
final class Limits {
    private static final String REFERENCE = "#/components/schemas/";
    private static final int ONE_LINE = 300;
    private static final long YEAR_1 = -62_135_596_800_000L;
    private static final long YEAR_10000 = 253_402_300_800_000L;
    private static final Set<Integer> UNSEEN = Set.of(
            (int) Character.CONTROL, (int) Character.FORMAT, (int) Character.SURROGATE, (int) Character.PRIVATE_USE,
            (int) Character.UNASSIGNED, (int) Character.LINE_SEPARATOR, (int) Character.PARAGRAPH_SEPARATOR);

    private final JsonNode schemas;

    Limits(JsonNode schemas) {
        this.schemas = schemas;
    }

    /** Refuses a record, named as its model is, whose values are not all within their limits. */
    void check(String name, GenericRecord record) throws Refused {
        check(schemas.required(name), record);
        if (name.equals("InformationRequest")) {
            request((GenericRecord) record.get("common"));
        }
    }

    private void check(JsonNode schema, Object value) throws Refused {
        if (schema.has("$ref")) {
            String name = schema.get("$ref").textValue();
            check(schemas.required(name.substring(REFERENCE.length())), value);
        } else if (schema.has("anyOf")) {
            if (value != null) {
                check(schema.get("anyOf").get(0), value);
            }
        } else if (value instanceof String text) {
            text(schema, text);
        } else if (value instanceof Long number) {
            boolean moment = "date-time".equals(schema.path("format").textValue());
            long least = moment ? YEAR_1 : schema.path("minimum").asLong(Long.MIN_VALUE);
            long most = moment ? YEAR_10000 - 1 : schema.path("maximum").asLong(Long.MAX_VALUE);
            refuseUnless(least <= number && number <= most);
        } else if (value instanceof Integer day) { // years 1 to 9999
            refuseUnless(-719_162 <= day && day <= 2_932_896);
        } else if (value instanceof List<?> items) {
            refuseUnless(items.size() >= schema.path("minItems").asInt(0));
            refuseUnless(items.size() <= schema.path("maxItems").asInt(Integer.MAX_VALUE));
            for (Object item : items) { // one after another: the first wrong one ends it
                check(schema.required("items"), item);
            }
        } else if (value instanceof GenericRecord record) {
            for (var property : schema.required("properties").properties()) {
                check(property.getValue(), record.get(property.getKey()));
            }
        }
    }

    private static void text(JsonNode schema, String text) throws Refused {
        if (schema.has("pattern")) {
            refuseUnless(Pattern.compile(schema.get("pattern").textValue()).matcher(text).matches());
        } else if (schema.has("maxLength")) {
            int most = schema.get("maxLength").intValue();
            String controls = most == ONE_LINE ? "" : "\t\n";
            refuseUnless(text.codePointCount(0, text.length()) <= most);
            refuseUnless(text.codePoints().allMatch(one -> controls.indexOf(one) >= 0
                    || one == 0x200C || one == 0x200D || !UNSEEN.contains(Character.getType(one))));
        }
    }

    // ------------------------------------------------------------ CODEC-9

    private static void request(GenericRecord common) throws Refused {
        Set<Object> refs = new HashSet<>();
        int children = 0;
        for (GenericRecord person : Partnership.records(common, "people").toList()) {
            refuseUnless(refs.add(person.get("ref")));
            children += person(person);
        }
        refuseUnless(children == 1 || children == 0 && is(common, "purpose", "CONSULTATION"));
        refuseUnless(Partnership.records(common, "agreements").allMatch(one -> refs.contains(one.get("person"))));
        GenericRecord consent = (GenericRecord) common.get("gdpr_consent");
        refuseUnless(consent == null || refs.contains(consent.get("person")));
        GenericRecord told = (GenericRecord) common.get("family_informed");
        boolean owes = is(told, "status", "NO") || is(told, "reason", "OTHER");
        refuseUnless(!owes || told.get("note") != null && !told.get("note").toString().isBlank());
    }

    /** Returns 1 for a subject child, 0 for anybody else. */
    private static int person(GenericRecord person) throws Refused {
        boolean named = !person.get("family_name").toString().isBlank()
                || ((List<?>) person.get("given_names")).stream().anyMatch(one -> !one.toString().isBlank());
        refuseUnless(named);
        List<String> roles = ((List<?>) person.get("roles")).stream().map(Object::toString).toList();
        refuseUnless(roles.size() == Set.copyOf(roles).size());
        boolean dated = Set.of("EXACT", "YEAR", "ESTIMATED").contains(person.get("birth").toString());
        refuseUnless(dated == (person.get("date_of_birth") != null));
        refuseUnless(is(person, "birth", "UNBORN") == (person.get("expected") != null));
        return roles.contains("SUBJECT_CHILD") ? 1 : 0;
    }

    private static boolean is(GenericRecord record, String field, String word) {
        return record.get(field) != null && word.equals(record.get(field).toString());
    }

    private static void refuseUnless(boolean holds) throws Refused {
        if (!holds) {
            throw new Refused("MALFORMED");
        }
    }
}
