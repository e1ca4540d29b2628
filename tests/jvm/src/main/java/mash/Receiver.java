package mash;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;

/**
 * What only one kind has, as far as one message shows it: VERIFY-35 to 37, 39 and 40. What needs the dispatch, the
 * register or the place where an original lay is left to whoever has a log.
 */
final class Receiver {
    /** The words of those rules. */
    static final List<String> WORDS = List.of("SPLICED", "WRONG_KIND", "WRONG_ORGANISATION", "WRONG_ID");

    private final Opener opener;

    Receiver(Opener opener) {
        this.opener = opener;
    }

    GenericRecord receive(byte[] value, Opener.Reading reading) throws Refused, IOException, GeneralSecurityException {
        Opener.Opened opened = opener.open(value, reading);
        GenericRecord header = opened.header();
        GenericRecord record = opened.record();
        GenericRecord first = (GenericRecord) record.get(0);
        switch (reading.kind()) {
            case "REQUEST" -> request(header, first, (GenericRecord) record.get("addressed"), reading.reader());
            case "DECISION" -> decision(header, (GenericRecord) first.get("original"), reading);
            case "AUDIT_EVENT" -> refuseUnless(same(first, "event_id", header, "event_id"), "SPLICED");
            case "ANSWER" -> answer(header, first);
            default -> { }
        }
        return record;
    }

    private void decision(GenericRecord header, GenericRecord original, Opener.Reading reading)
            throws Refused, IOException, GeneralSecurityException {
        byte[] value = Json.bytes(original.get("value"));
        refuseUnless(Arrays.equals(Suite.sha256(value), Partnership.fixed(original, "digest")), "SPLICED");
        Opener.Reading before = new Opener.Reading(reading.reader(), "REQUEST", reading.now(), reading.seed());
        GenericRecord common = (GenericRecord) receive(value, before).get(0);
        refuseUnless(same(common, "request_id", header, "request_id"), "SPLICED");
    }

    private static void request(GenericRecord header, GenericRecord common, GenericRecord addressed, String reader)
            throws Refused {
        refuseUnless(same(common, "organisation", header, "sender"), "SPLICED");
        refuseUnless(reader.equals(addressed.get("organisation")), "SPLICED");
        Set<Object> refs = new HashSet<>();
        Partnership.records(common, "people").forEach(person -> refs.add(person.get("ref")));
        refuseUnless(
                Partnership.records(addressed, "identifiers").allMatch(one -> refs.contains(one.get("person"))),
                "SPLICED");
    }

    private static void answer(GenericRecord header, GenericRecord status) throws Refused {
        if (header.get("answers") == null) {
            throw new Refused("WRONG_REQUEST");
        }
        refuseUnless(same(status, "organisation", header, "sender"), "WRONG_ORGANISATION");
        byte[] digest = Partnership.fixed(header, "answers");
        String id = Suite.derivedId("ANSWER", digest, header.get("sender").toString(), (Long) status.get("revision"));
        refuseUnless(id.equals(header.get("message_id")), "WRONG_ID");
    }

    private static boolean same(GenericRecord one, String field, GenericRecord other, String otherField) {
        return Objects.equals(one.get(field), other.get(otherField));
    }

    private static void refuseUnless(boolean holds, String word) throws Refused {
        if (!holds) {
            throw new Refused(word);
        }
    }
}
