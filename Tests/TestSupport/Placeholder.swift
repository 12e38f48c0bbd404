// Shared helpers replace this file.
