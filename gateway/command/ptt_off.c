/* SPDX-License-Identifier: Apache-2.0 */
/* `atalaya ptt-off`: lets go of every key. The service runs it whenever the gateway has ended, however it
 * did. */
#include <stdio.h>

#include "atalaya/gateway/command.h"
#include "atalaya/gateway/config.h"
#include "transmit/ptt.h"

static int let_go(const struct config_transmitter *settings)
{
    static struct ptt ptt;
    char why[PTT_TEXT_MAX] = "";
    struct config_transmitter alone = *settings;
    alone.inhibit = INHIBIT_NONE; /* an input that cannot be read must not be in the way */
    if (ptt_open(&ptt, &alone, why) == ATALAYA_OK) {
        ptt_close(&ptt);
        printf("ok   transmitter %s: the key is up\n", settings->name);
        return 0;
    }
    printf("FAIL transmitter %s: %s\n", settings->name, why);
    return 1;
}

static int run(int argc, char **argv)
{
    const char *file = "/etc/atalaya/atalaya.conf";
    const struct option_row rows[] = {
        {"config", 'c', OPTION_TEXT, &file, "FILE", "the configuration (/etc/atalaya/atalaya.conf)"},
    };
    int status = options_parse(&command_ptt_off, rows, sizeof rows / sizeof *rows, &argc, argv);
    if (status >= 0)
        return status;
    struct config *config;
    if (argc > 1 || (config_load(file, &config, config_complain_errors_to_stderr, NULL) != ATALAYA_OK &&
                     config_load_kept(file, &config) != ATALAYA_OK)) /* with which `run` started */
        return EXIT_USAGE;
    status = 0;
    for (unsigned i = 0; i < config->transmitter_count; i++)
        if (config->transmitter[i].channel[0])
            status |= let_go(&config->transmitter[i]);
    config_free(config);
    return status;
}

const struct command command_ptt_off = {
    .name = "ptt-off",
    .arguments = "[--config FILE]",
    .summary = "let go of the key of every transmitter",
    .run = run,
};
