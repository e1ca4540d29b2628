package mash;

/** A message is refused, with a word of the table VERIFY in schemas/README.md. It says nothing of the content. */
final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    final String word;

    Refused(String word) {
        super(word);
        this.word = word;
    }
}
