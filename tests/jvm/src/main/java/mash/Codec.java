package mash;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/** Bytes to values and back, strictly: what is read is written again, and must give the same bytes (CODEC-1). */
final class Codec {
    private static final GenericData PLAIN = new GenericData();

    static {
        PLAIN.setFastReaderEnabled(false); // the fast reader would pass Reader by
    }

    private Codec() {}

    /** Reads text as Java strings: Avro's own Utf8 keeps bytes that are not UTF-8, and would write them again. */
    private static final class Reader extends GenericDatumReader<Object> {
        Reader(Schema schema) {
            super(schema, schema, PLAIN);
        }

        @Override
        protected Object readString(Object old, Schema expected, Decoder in) throws IOException {
            return in.readString();
        }
    }

    static Object decode(Schema schema, byte[] data) throws Refused {
        try {
            BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(data, null);
            Object value = new Reader(schema).read(null, decoder);
            if (decoder.isEnd() && Arrays.equals(encode(schema, value), data)) {
                return value;
            }
        } catch (IOException | AvroRuntimeException | IndexOutOfBoundsException | NegativeArraySizeException
                | UnsupportedOperationException error) {
            throw new Refused("MALFORMED");
        }
        throw new Refused("MALFORMED");
    }

    static byte[] encode(Schema schema, Object value) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
            new GenericDatumWriter<Object>(schema, PLAIN).write(value, encoder);
            encoder.flush();
            return out.toByteArray();
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
