// The first script of commands replaces this file.
