package mash;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;

/** The directory, once two pinned roots signed it (DIR-1, DIR-2), and the test keys of tests/vectors/partnership.json. */
final class Partnership {
    final String name;
    final byte[] digest;
    final GenericRecord directory;
    private final JsonNode stored;

    Partnership(Contract contract, JsonNode stored) throws Refused {
        this.stored = stored;
        name = stored.required("partnership").textValue();
        byte[] signed = Base64.getDecoder().decode(stored.required("signed_directory").textValue());
        GenericRecord outer = (GenericRecord) Codec.decode(contract.signedDirectory, signed);
        byte[] body = Json.bytes(outer.get("directory"));
        if (signers(outer, body).size() < 2) {
            throw new Refused("DIRECTORY_UNSIGNED");
        }
        digest = Suite.sha256(Suite.label("mash1/directory"), body); // DIR-3
        directory = (GenericRecord) Codec.decode(contract.directory, body);
        if (!name.equals(directory.get("partnership"))) {
            throw new Refused("WRONG_PARTNERSHIP");
        }
    }

    private Set<String> signers(GenericRecord outer, byte[] body) {
        byte[] message = Suite.join(Suite.label("mash1/directory"), Suite.sha256(body));
        Set<String> found = new HashSet<>(); // keys, not names: one root under two names is one root
        for (GenericRecord signature : records(outer, "signatures").toList()) {
            JsonNode root = stored.required("roots").path(signature.get("organisation").toString());
            if (root.isTextual()) {
                byte[] key = HexFormat.of().parseHex(root.textValue());
                if (Suite.verifies(key, fixed(signature, "signature"), message)) {
                    found.add(root.textValue());
                }
            }
        }
        return found;
    }

    Optional<GenericRecord> principal(String id) {
        return records(directory, "principals").filter(one -> id.equals(one.get("id"))).findFirst();
    }

    /** The key to seal to at this moment (KEY-3). */
    byte[] kemKey(String id, long now) {
        return records(principal(id).orElseThrow(), "kem_keys")
                .filter(key -> (Long) key.get("seal_from") <= now && now < (Long) key.get("seal_until"))
                .findFirst()
                .map(key -> fixed(key, "public_key"))
                .orElseThrow();
    }

    boolean isReadersKey(String id, byte[] hash) {
        return records(principal(id).orElseThrow(), "kem_keys")
                .anyMatch(key -> Arrays.equals(Suite.sha256(fixed(key, "public_key")), hash));
    }

    /** Whether the key that a header names signs at this moment (KEY-6). */
    boolean isSigning(GenericRecord header, long issued) {
        return records(principal(header.get("sender").toString()).orElseThrow(), "signing_keys")
                .filter(key -> Objects.equals(key.get("key_id"), header.get("signing_key_id")))
                .allMatch(key -> begun((Long) key.get("valid_from"), issued)
                        && (key.get("valid_until") == null || issued < (Long) key.get("valid_until")));
    }

    private static boolean begun(Long from, long issued) {
        return from == null || from - Opener.MOST_AHEAD <= issued;
    }

    /** Whether a message of this moment may be sealed to this key (KEY-3). */
    boolean isSealable(byte[] hash, long issued) {
        return records(directory, "principals")
                .flatMap(one -> records(one, "kem_keys"))
                .filter(key -> Arrays.equals(Suite.sha256(fixed(key, "public_key")), hash))
                .allMatch(key -> (Long) key.get("seal_from") - Opener.MOST_AHEAD <= issued
                        && issued <= (Long) key.get("open_until") - Opener.LIFETIME);
    }

    byte[] seed(String sort, String id) {
        return HexFormat.of().parseHex(stored.required(sort).required(id).textValue());
    }

    static Stream<GenericRecord> records(GenericRecord record, String field) {
        return ((List<?>) record.get(field)).stream().map(GenericRecord.class::cast);
    }

    static byte[] fixed(GenericRecord record, String field) {
        return ((GenericFixed) record.get(field)).bytes();
    }
}
