"""The screening consumer: dispatch and answers become one combined summary with a clock."""
