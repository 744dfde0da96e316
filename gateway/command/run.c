/* SPDX-License-Identifier: Apache-2.0 */
/* `atalaya run`: the daemon. */
#include <stdio.h>
#include <unistd.h>

#include "atalaya/gateway/command.h"
#include "atalaya/gateway/config.h"
#include "atalaya/gateway/log.h"
#include "owner.h"
#include "tower.h"

static struct {
    const char *config;
    bool verbose;
} options = {.config = "/etc/atalaya/atalaya.conf"};

static const struct option_row option_rows[] = {
    {"config", 'c', OPTION_TEXT, &options.config, "FILE", "configuration (/etc/atalaya/atalaya.conf)"},
    {"verbose", 'v', OPTION_FLAG, &options.verbose, NULL, "say more"},
};

/* Nobody is there to correct a file that the card has damaged, or that somebody left wrong before the power
 * went: then the last one that was good. */
static bool load(struct config **config)
{
    if (config_load(options.config, config, config_complain_to_stderr, NULL) == ATALAYA_OK)
        return true;
    if (config_load_kept(options.config, config) != ATALAYA_OK)
        return false;
    log_error("%s is not usable: starting with the last configuration that was", options.config);
    return true;
}

static int run(int argc, char **argv)
{
    struct config *config;
    struct tower *tower;
    char owner[OWNER_NAME_MAX];
    int status =
        options_parse(&command_run, option_rows, sizeof option_rows / sizeof *option_rows, &argc, argv);
    if (status >= 0)
        return status;
    if (argc > 1) {
        fprintf(stderr, "atalaya run: '%s' is one word too many; see atalaya run --help\n", argv[1]);
        return EXIT_USAGE;
    }
    if (options.verbose)
        log_set_level(LOG_LEVEL_DEBUG);
    if (!load(&config))
        return EXIT_USAGE;
    if (owner_is_another(config->spool.path, owner))
        log_warning("run as root, but the folder of %s belongs to %s: the service cannot write what is made "
                    "there now; end this, and: sudo -u %s atalaya run",
                    config->spool.path, owner, owner);
    enum atalaya_result result = tower_create(config, &tower);
    if (result != ATALAYA_OK) {
        log_error("the gateway cannot start: %s", atalaya_result_text(result));
        return 1;
    }
    status = tower_run(tower);
    if (!tower_destroy(tower))
        _exit(status); /* exit() would unload the driver that hangs */
    return status;
}

const struct command command_run = {
    .name = "run",
    .arguments = "[--config FILE]",
    .summary = "run the gateway",
    .run = run,
};
