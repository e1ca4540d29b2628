package mash;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.bouncycastle.pqc.crypto.xwing.XWingPrivateKeyParameters;

/** Suite MASH1: PART-2, PAD, SEAL of schemas/README.md. */
final class Suite {
    static final int KEY_BYTES = 32;
    private static final int LENGTH_BYTES = 4;
    private static final int TAG_BITS = 128;
    private static final int ENC_BYTES = 1120;
    private static final int WRAP_BYTES = ENC_BYTES + 48;
    private static final byte[] NOTHING = new byte[0];

    private Suite() {}

    static byte[] sha256(byte[]... chunks) {
        try {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            Arrays.stream(chunks).forEach(hash::update);
            return hash.digest();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static byte[] label(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] partHash(int index, byte[] salt, byte[] part) { // PART-2
        return sha256(label("mash1/part"), new byte[] {(byte) index}, salt, part);
    }

    static byte[] digest(byte[] header, byte[] ciphertext, List<byte[]> wraps) { // SEAL-5
        byte[][] framed = wraps.stream().map(wrap -> join(u32(wrap.length), wrap)).toArray(byte[][]::new);
        return sha256(label("mash1/envelope"), sha256(header), sha256(ciphertext), sha256(framed));
    }

    static String derivedId(String kind, byte[] subject, String sender, long ordinal) { // ID-2
        byte[] none = {0};
        byte[] number = ByteBuffer.allocate(Long.BYTES).putLong(ordinal).array();
        byte[] hash = sha256(label("mash1/id"), label(kind), none, subject, label(sender), none, number);
        ByteBuffer bits = ByteBuffer.wrap(hash);
        long high = bits.getLong() & ~0xF000L | 0x8000L; // version 8
        long low = bits.getLong() & ~(3L << 62) | 2L << 62;
        return new UUID(high, low).toString();
    }

    // ------------------------------------------------------------ PAD

    static byte[] pad(byte[] content, int bucket) {
        return Arrays.copyOf(join(u32(content.length), content), paddedSize(content.length, bucket));
    }

    static byte[] unpad(byte[] padded, int bucket) throws Refused {
        if (padded.length < LENGTH_BYTES) {
            throw new Refused("PADDING");
        }
        long length = Integer.toUnsignedLong(ByteBuffer.wrap(padded).getInt());
        if (length > padded.length - LENGTH_BYTES || padded.length != paddedSize((int) length, bucket)) {
            throw new Refused("PADDING");
        }
        int end = LENGTH_BYTES + (int) length;
        for (int at = end; at < padded.length; at++) {
            if (padded[at] != 0) {
                throw new Refused("PADDING");
            }
        }
        return Arrays.copyOfRange(padded, LENGTH_BYTES, end);
    }

    private static int paddedSize(int length, int bucket) {
        int size = bucket;
        while (size < LENGTH_BYTES + length) {
            size *= 2;
        }
        return size;
    }

    // ------------------------------------------------------------ SEAL

    static byte[] encrypt(byte[] key, byte[] plain, byte[] header) throws GeneralSecurityException {
        return aes(Cipher.ENCRYPT_MODE, key, header).doFinal(plain);
    }

    static byte[] decrypt(byte[] key, byte[] ciphertext, byte[] header) throws Refused, GeneralSecurityException {
        if (key.length != KEY_BYTES) {
            throw new Refused("CIPHERTEXT_ALTERED");
        }
        try {
            return aes(Cipher.DECRYPT_MODE, key, header).doFinal(ciphertext);
        } catch (AEADBadTagException altered) {
            throw new Refused("CIPHERTEXT_ALTERED");
        }
    }

    private static Cipher aes(int mode, byte[] key, byte[] header) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, new byte[12])); // SEAL-2
        cipher.updateAAD(header);
        return cipher;
    }

    private static HPKE hpke() { // SEAL-3
        return new HPKE(HPKE.mode_base, HPKE.kem_X_WING, HPKE.kdf_HKDF_SHA256, HPKE.aead_AES_GCM256);
    }

    private static byte[] info(byte[] header, byte[] ciphertext) { // SEAL-4
        return join(label("mash1/wrap"), sha256(header), sha256(ciphertext));
    }

    static byte[] wrap(byte[] publicKey, byte[] contentKey, byte[] header, byte[] ciphertext)
            throws InvalidCipherTextException {
        HPKE hpke = hpke();
        HPKEContextWithEncapsulation to =
                hpke.setupBaseS(hpke.deserializePublicKey(publicKey), info(header, ciphertext));
        byte[] sealed = to.seal(NOTHING, contentKey);
        return join(to.getEncapsulation(), sealed);
    }

    static byte[] unwrap(byte[] seed, byte[] wrap, byte[] header, byte[] ciphertext) throws Refused {
        HPKE hpke = hpke();
        byte[] publicKey = new XWingPrivateKeyParameters(seed).getPublicKeyParameters().getEncoded();
        // A wrap of a short content key is shorter; SEAL-2 refuses it later, by another word.
        if (wrap.length < ENC_BYTES || wrap.length > WRAP_BYTES) {
            throw new Refused("WRAP_NOT_OURS");
        }
        byte[] enc = Arrays.copyOf(wrap, ENC_BYTES);
        byte[] sealed = Arrays.copyOfRange(wrap, ENC_BYTES, wrap.length);
        try {
            return hpke.setupBaseR(enc, hpke.deserializePrivateKey(seed, publicKey), info(header, ciphertext))
                    .open(NOTHING, sealed);
        } catch (InvalidCipherTextException | IllegalArgumentException | IllegalStateException notOurs) {
            throw new Refused("WRAP_NOT_OURS");
        }
    }

    static byte[] publicSigningKey(byte[] seed) {
        byte[] publicKey = new byte[Ed25519.PUBLIC_KEY_SIZE];
        Ed25519.generatePublicKey(seed, 0, publicKey, 0);
        return publicKey;
    }

    static byte[] sign(byte[] seed, byte[] message) { // SEAL-6
        byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
        Ed25519.sign(seed, 0, message, 0, message.length, signature, 0);
        return signature;
    }

    static boolean verifies(byte[] publicKey, byte[] signature, byte[] message) {
        return Ed25519.validatePublicKeyFull(publicKey, 0) // KEY-2: of full order, in canonical form
                && Ed25519.verify(signature, 0, publicKey, 0, message, 0, message.length);
    }

    static byte[] join(byte[]... chunks) {
        ByteBuffer all = ByteBuffer.allocate(Arrays.stream(chunks).mapToInt(chunk -> chunk.length).sum());
        Arrays.stream(chunks).forEach(all::put);
        return all.array();
    }

    private static byte[] u32(int number) {
        return ByteBuffer.allocate(LENGTH_BYTES).putInt(number).array();
    }
}
