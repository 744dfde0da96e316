/* SPDX-License-Identifier: Apache-2.0 */
/* `atalaya ptt-keeper`: started by `run`, by nobody else. */
#include <stdio.h>
#include <sys/socket.h>

#include "atalaya/gateway/command.h"
#include "transmit/keeper.h"

enum { LINE_FD = 3 };

static int run(int argc, char **argv)
{
    int type = 0;
    socklen_t size = sizeof type;
    int status = options_parse(&command_ptt_keeper, NULL, 0, &argc, argv);
    if (status >= 0)
        return status;
    if (getsockopt(LINE_FD, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET) {
        fprintf(stderr, "atalaya ptt-keeper: atalaya run starts this, nobody else\n");
        return EXIT_USAGE;
    }
    return keeper_main(LINE_FD);
}

const struct command command_ptt_keeper = {
    .name = "ptt-keeper",
    .arguments = "",
    .summary = "hold the key of a transmitter; atalaya run starts it",
    .run = run,
};
