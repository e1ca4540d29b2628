package mash;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;

/**
 * Opens an envelope for one reader: what follows from its bytes, the keys of the directory and the clock, in the order
 * of VERIFY. Topic, key, readers and memory of what was read are left to whoever has a log.
 */
final class Opener {
    /** The words of VERIFY that this program refuses with, wherever they are due. */
    static final List<String> WORDS = List.of(
            "TOO_LARGE", "MALFORMED", "WRONG_SUITE", "UNKNOWN_KIND", "NOT_IN_USE", "WRONG_SCHEMA", "WRONG_KIND",
            "WRONG_PARTNERSHIP", "UNKNOWN_SENDER", "NOT_TAKING_PART", "WRONG_ROLE", "UNKNOWN_KEY", "BAD_SIGNATURE",
            "UNKNOWN_DIRECTORY", "FROM_THE_FUTURE", "EXPIRED", "WRONG_LIFETIME", "WRONG_KEY_TIME", "WRONG_EPOCH",
            "KEY_DESTROYED", "WRAP_NOT_OURS", "CIPHERTEXT_ALTERED", "PADDING", "PART_MISMATCH", "SPLICED");

    private static final int MOST_BYTES = 1_000_000;
    static final long MOST_AHEAD = 120_000;
    static final long LIFETIME = 14L * 24 * 60 * 60 * 1000;

    private final Contract contract;
    private final Partnership partnership;

    Opener(Contract contract, Partnership partnership) {
        this.contract = contract;
        this.partnership = partnership;
    }

    /** Who reads, which kind they expect, when, and the seed of their KEM key, null where it is destroyed. */
    record Reading(String reader, String kind, long now, byte[] seed) {}

    /** A message that passed, with the header that was signed. */
    record Opened(GenericRecord header, GenericRecord record) {}

    Opened open(byte[] value, Reading reading) throws Refused, IOException, GeneralSecurityException {
        if (value.length > MOST_BYTES) {
            throw new Refused("TOO_LARGE");
        }
        GenericRecord envelope = (GenericRecord) Codec.decode(contract.envelope, value);
        contract.limits.check("Envelope", envelope);
        byte[] headerBytes = Json.bytes(envelope.get("header")); // kept: never encoded anew for a check (HEAD-1)
        GenericRecord header = (GenericRecord) Codec.decode(contract.header, headerBytes);
        contract.limits.check("Header", header);
        refuseUnless("MASH1".equals(header.get("suite")), "WRONG_SUITE");
        Contract.Kind kind = contract.kind(header.get("kind").toString());
        refuseUnless(
                Arrays.equals(Partnership.fixed(header, "schema_digest"), kind.schemaDigest()), "WRONG_SCHEMA");
        List<byte[]> wraps = ((List<?>) envelope.get("wraps")).stream().map(Json::bytes).toList();
        List<byte[]> recipients = fixeds(header, "recipients");
        refuseUnless(wraps.size() == recipients.size(), "MALFORMED");
        refuseUnless(reading.kind().equals(header.get("kind").toString()), "WRONG_KIND");
        byte[] ciphertext = Json.bytes(envelope.get("ciphertext"));
        byte[] digest = Suite.digest(headerBytes, ciphertext, wraps);
        authentic(header, kind, Partnership.fixed(envelope, "signature"), digest, reading.now());
        boolean known = partnership.directory.get("version").equals(header.get("directory_version"))
                && Arrays.equals(partnership.digest, Partnership.fixed(header, "directory_digest"));
        refuseUnless(known, "UNKNOWN_DIRECTORY");
        timely(header, reading.now());
        refuseUnless(partnership.isSigning(header, (Long) header.get("issued_at")), "WRONG_KEY_TIME");
        for (byte[] recipient : recipients) {
            refuseUnless(partnership.isSealable(recipient, (Long) header.get("issued_at")), "WRONG_EPOCH");
        }

        int mine = 0;
        while (mine < recipients.size() && !partnership.isReadersKey(reading.reader(), recipients.get(mine))) {
            mine++;
        }
        refuseUnless(mine < recipients.size(), "WRONG_RECIPIENT");
        refuseUnless(reading.seed() != null, "KEY_DESTROYED");
        byte[] key = Suite.unwrap(reading.seed(), wraps.get(mine), headerBytes, ciphertext);
        byte[] body = Suite.unpad(Suite.decrypt(key, ciphertext, headerBytes), kind.bucket());
        GenericRecord content = (GenericRecord) Codec.decode(contract.content, body);
        contract.limits.check("Content", content);
        GenericRecord record = record(kind.schema(), parts(header, content));
        contract.limits.check(kind.record(), record);
        GenericRecord first = (GenericRecord) record.get(0);
        for (String id : List.of("request_id", "thread")) {
            Object inside = first.hasField(id) ? first.get(id) : null;
            refuseUnless(Objects.equals(inside, header.get(id)), "SPLICED");
        }
        return new Opened(header, record);
    }

    private void authentic(GenericRecord header, Contract.Kind kind, byte[] signature, byte[] digest, long now)
            throws Refused {
        refuseUnless(partnership.name.equals(header.get("partnership")), "WRONG_PARTNERSHIP");
        boolean accepted = Partnership.records(partnership.directory, "suites")
                .filter(suite -> suite.get("name").equals(header.get("suite")))
                .anyMatch(suite -> suite.get("accepted_until") == null || now < (Long) suite.get("accepted_until"));
        refuseUnless(accepted, "WRONG_SUITE");
        GenericRecord sender = partnership
                .principal(header.get("sender").toString())
                .orElseThrow(() -> new Refused("UNKNOWN_SENDER"));
        refuseUnless(Set.of("LIVE", "MANUAL").contains(sender.get("state").toString()), "NOT_TAKING_PART");
        List<?> roles = (List<?>) sender.get("roles");
        refuseUnless(roles.stream().anyMatch(role -> kind.senders().contains(role.toString())), "WRONG_ROLE");
        byte[] key = Partnership.records(sender, "signing_keys")
                .filter(one -> Objects.equals(one.get("key_id"), header.get("signing_key_id")))
                .findFirst()
                .map(one -> Partnership.fixed(one, "public_key"))
                .orElseThrow(() -> new Refused("UNKNOWN_KEY"));
        refuseUnless(Suite.verifies(key, signature, digest), "BAD_SIGNATURE");
    }

    private static void timely(GenericRecord header, long now) throws Refused {
        long issued = (Long) header.get("issued_at");
        long expires = (Long) header.get("expires_at");
        refuseUnless(issued <= now + MOST_AHEAD, "FROM_THE_FUTURE");
        refuseUnless(now < expires, "EXPIRED");
        refuseUnless(expires - issued == LIFETIME, "WRONG_LIFETIME");
    }

    private static List<byte[]> parts(GenericRecord header, GenericRecord content) throws Refused {
        List<byte[]> hashes = fixeds(header, "parts");
        List<byte[]> salts = fixeds(content, "salts");
        List<byte[]> parts = ((List<?>) content.get("parts")).stream().map(Json::bytes).toList();
        refuseUnless(hashes.size() == salts.size() && salts.size() == parts.size(), "PART_MISMATCH");
        for (int index = 0; index < parts.size(); index++) {
            byte[] hash = Suite.partHash(index, salts.get(index), parts.get(index));
            refuseUnless(Arrays.equals(hash, hashes.get(index)), "PART_MISMATCH");
        }
        return parts;
    }

    private static GenericRecord record(Schema schema, List<byte[]> parts) throws Refused {
        refuseUnless(parts.size() == schema.getFields().size(), "MALFORMED");
        GenericRecord record = new GenericData.Record(schema);
        for (Schema.Field field : schema.getFields()) {
            record.put(field.pos(), Codec.decode(field.schema(), parts.get(field.pos()))); // CODEC-3: each alone
        }
        return record;
    }

    private static List<byte[]> fixeds(GenericRecord record, String field) {
        return ((List<?>) record.get(field)).stream().map(one -> ((GenericFixed) one).bytes()).toList();
    }

    private static void refuseUnless(boolean holds, String word) throws Refused {
        if (!holds) {
            throw new Refused(word);
        }
    }
}
