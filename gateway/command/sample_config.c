/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the table of keys, as a configuration to begin with or as the KEYS part of the manual. */
#include <stdio.h>

#include "atalaya/gateway/command.h"
#include "atalaya/gateway/config.h"

static int run(int argc, char **argv)
{
    bool manual = false;
    const struct option_row rows[] = {
        {"manual", 0, OPTION_FLAG, &manual, NULL, "print the KEYS part of atalaya.conf(5) in mdoc instead"},
    };
    int status = options_parse(&command_sample_config, rows, sizeof rows / sizeof *rows, &argc, argv);
    if (status >= 0)
        return status;
    if (argc > 1) {
        fprintf(stderr, "atalaya sample-config: no argument belongs here, but '%s' was given\n", argv[1]);
        return EXIT_USAGE;
    }
    if (manual)
        config_print_manual(stdout);
    else
        config_print_sample(stdout);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("atalaya sample-config: standard output");
        return 1;
    }
    return 0;
}

const struct command command_sample_config = {
    .name = "sample-config",
    .arguments = "[--manual]",
    .summary = "print a commented configuration to begin with",
    .run = run,
};
