/* SPDX-License-Identifier: Apache-2.0 */
/* The program: one row of commands.def a subcommand. */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "atalaya/gateway/command.h"
#include "board.h"

static const struct command *const commands[] = {
#define ATALAYA_COMMAND(name, symbol) &command_##symbol,
#include "atalaya/gateway/commands.def"
#undef ATALAYA_COMMAND
};

static void usage(FILE *out)
{
    fprintf(
        out,
        "usage: atalaya COMMAND [OPTIONS]\nRelay gateway for a radio tower: handheld bursts to MQTT.\n\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(out, "  %-14s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(out, "\natalaya COMMAND --help tells a command's options; atalaya --version the version.\n");
}

/* Passwords, keys and places lie in memory: no dump of it is written, and nobody but root looks into it. */
static void keep_memory_private(void)
{
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        fputs("atalaya: warning: a crash of this program may leave its memory on the disk\n", stderr);
}

int main(int argc, char **argv)
{
    board_take_twin(argv);
    keep_memory_private();
    if (argc < 2) {
        usage(stderr);
        return EXIT_USAGE;
    }
    bool help = strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0;
    if (help && argc == 2) {
        usage(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("atalaya " ATALAYA_VERSION);
        return 0;
    }
    const char *name = argv[help ? 2 : 1];
    char *help_of[] = {argv[help ? 2 : 1], (char[]){"--help"}, NULL};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return help ? commands[i]->run(2, help_of) : commands[i]->run(argc - 1, argv + 1);
    fprintf(stderr, "atalaya: no command '%s'; see atalaya --help\n", name);
    return EXIT_USAGE;
}
