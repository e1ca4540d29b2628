package mash;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.apache.avro.Schema;

/** What the published documents say: the schema files, and docs/asyncapi.json for what each kind travels as. */
final class Contract {
    private final Path schemas;
    private final JsonNode messages;
    private final JsonNode reserved;
    final Limits limits;
    final Schema envelope;
    final Schema header;
    final Schema content;
    final Schema signedDirectory;
    final Schema directory;

    /** A kind of message: its record, the digest of its schema file, who may send it, and the smallest padded size. */
    record Kind(String record, Schema schema, byte[] schemaDigest, Set<String> senders, int bucket) {}

    Contract(Path root) throws IOException {
        schemas = root.resolve("schemas");
        JsonNode published = Json.read(root.resolve("docs/asyncapi.json"));
        messages = published.at("/components/messages");
        reserved = published.required("x-mash").required("reservedKinds");
        limits = new Limits(published.at("/components/schemas"));
        envelope = schema("envelope.v1.avsc");
        header = schema("header.v1.avsc");
        content = schema("content.v1.avsc");
        signedDirectory = schema("signed_directory.v1.avsc");
        directory = schema("directory.v1.avsc");
    }

    Schema schema(String file) throws IOException {
        return new Schema.Parser().parse(Files.readString(schemas.resolve(file)));
    }

    Kind kind(String name) throws Refused, IOException {
        if (reserved.has(name)) {
            throw new Refused("NOT_IN_USE");
        }
        JsonNode said = messages.path(name).path("x-mash");
        if (!said.has("bucketBytes")) { // nor is what travels unsealed: a DIRECTORY is a message, and no kind
            throw new Refused("UNKNOWN_KIND");
        }
        String file = said.required("schema").textValue();
        byte[] digest = Suite.sha256(Files.readAllBytes(schemas.resolve(file))); // the file's own bytes (HEAD-3)
        Set<String> senders = new HashSet<>();
        said.required("senders").forEach(role -> senders.add(role.textValue()));
        String record = said.required("record").textValue();
        return new Kind(record, schema(file), digest, senders, said.required("bucketBytes").intValue());
    }
}
