/* SPDX-License-Identifier: Apache-2.0 */
/* Subcommands of the program: one row each in include/atalaya/gateway/commands.def, one file each in
 * gateway/command/. Options are a table too; parsing and --help both follow from it. */
#ifndef ATALAYA_GATEWAY_COMMAND_H
#define ATALAYA_GATEWAY_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

enum option_type {
    OPTION_FLAG,   /* bool * */
    OPTION_TEXT,   /* const char ** */
    OPTION_NUMBER, /* double *, a finite number */
    OPTION_COUNT   /* unsigned *, a whole number */
};

struct option_row {
    const char *name; /* long option without dashes */
    char letter;      /* short option or 0 */
    enum option_type type;
    void *value;          /* where it goes; holds the default */
    const char *argument; /* "FILE"; NULL for flags */
    const char *help;
};

struct command {
    const char *name, *arguments, *summary; /* "decode", "[OPTIONS] FILE...", one line */
    int (*run)(int argc, char **argv);      /* argv[0] is the command's name; returns the exit status */
};

enum { EXIT_USAGE = 2 };

/* Reads options into their places and leaves the rest in argv (*argc of them, from argv[1]). Returns -1 to go
 * on, or the exit status to end with: 0 after --help, EXIT_USAGE after a complaint on standard error. "--"
 * ends options;
 * "-" is an argument. */
int options_parse(const struct command *command, const struct option_row *rows, size_t count, int *argc,
                  char **argv);

/* A finite number at the beginning of text, with k, M or G behind it or not: 144.39M. *end is behind it, or
 * text. */
double options_number(const char *text, const char **end);

#define ATALAYA_COMMAND(name, symbol) extern const struct command command_##symbol;
#include "atalaya/gateway/commands.def"
#undef ATALAYA_COMMAND

#endif
