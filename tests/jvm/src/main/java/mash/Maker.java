package mash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.bouncycastle.crypto.InvalidCipherTextException;

/** Makes an envelope from a record and the public facts about it; the steps are those of SEAL. */
final class Maker {
    private static final int SALT_BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Contract contract;
    private final Partnership partnership;

    Maker(Contract contract, Partnership partnership) {
        this.contract = contract;
        this.partnership = partnership;
    }

    /**
     * Return the encoded envelope. `header` holds what the sender chooses (ids, topic, stream, issued_at); all that
     * follows from rules is computed here, whatever the header said.
     */
    byte[] make(JsonNode record, JsonNode chosen, List<String> readers)
            throws Refused, IOException, GeneralSecurityException, InvalidCipherTextException {
        ObjectNode header = chosen.deepCopy();
        String sender = header.required("sender").textValue();
        Contract.Kind kind = contract.kind(header.required("kind").textValue());
        GenericRecord value = (GenericRecord) Json.read(kind.schema(), record);
        List<byte[]> parts = new ArrayList<>();
        List<byte[]> salts = new ArrayList<>();
        for (Schema.Field field : kind.schema().getFields()) {
            parts.add(Codec.encode(field.schema(), value.get(field.pos())));
            salts.add(random(SALT_BYTES));
        }
        Instant issued = Instant.parse(header.required("issued_at").textValue());
        List<byte[]> kemKeys = readers.stream()
                .map(reader -> partnership.kemKey(reader, issued.toEpochMilli()))
                .toList();
        byte[] signingSeed = partnership.seed("signing_seeds", sender);
        byte[] keyHash = Suite.sha256(Suite.publicSigningKey(signingSeed));
        header.put("suite", "MASH1")
                .put("partnership", partnership.name)
                .put("signing_key_id", hex(keyHash).substring(0, 32)) // KEY-1
                .put("directory_version", (Long) partnership.directory.get("version"))
                .put("directory_digest", hex(partnership.digest))
                .put("schema_digest", hex(kind.schemaDigest()))
                .put("expires_at", issued.plusMillis(Opener.LIFETIME).toString());
        ArrayNode recipients = header.putArray("recipients");
        kemKeys.forEach(key -> recipients.add(hex(Suite.sha256(key))));
        ArrayNode hashes = header.putArray("parts");
        for (int index = 0; index < parts.size(); index++) {
            hashes.add(hex(Suite.partHash(index, salts.get(index), parts.get(index))));
        }
        byte[] headerBytes = Codec.encode(contract.header, Json.read(contract.header, header));

        byte[] contentKey = random(Suite.KEY_BYTES);
        byte[] padded = Suite.pad(content(salts, parts), kind.bucket());
        byte[] ciphertext = Suite.encrypt(contentKey, padded, headerBytes);
        List<byte[]> wraps = new ArrayList<>();
        for (byte[] key : kemKeys) {
            wraps.add(Suite.wrap(key, contentKey, headerBytes, ciphertext));
        }
        byte[] signature = Suite.sign(signingSeed, Suite.digest(headerBytes, ciphertext, wraps));
        GenericRecord envelope = new GenericData.Record(contract.envelope);
        envelope.put("header", ByteBuffer.wrap(headerBytes));
        envelope.put("ciphertext", ByteBuffer.wrap(ciphertext));
        envelope.put("wraps", wraps.stream().map(ByteBuffer::wrap).toList());
        envelope.put("signature", fixed(contract.envelope.getField("signature").schema(), signature));
        return Codec.encode(contract.envelope, envelope);
    }

    private byte[] content(List<byte[]> salts, List<byte[]> parts) {
        Schema salt = contract.content.getField("salts").schema().getElementType();
        GenericRecord content = new GenericData.Record(contract.content);
        content.put("salts", salts.stream().map(bytes -> fixed(salt, bytes)).toList());
        content.put("parts", parts.stream().map(ByteBuffer::wrap).toList());
        return Codec.encode(contract.content, content);
    }

    private static GenericData.Fixed fixed(Schema schema, byte[] bytes) {
        return new GenericData.Fixed(schema, bytes);
    }

    private static byte[] random(int count) {
        byte[] bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
