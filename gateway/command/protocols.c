/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the two tables. */
#include <stdio.h>

#include "atalaya/dsp/modem.h"
#include "atalaya/gateway/command.h"
#include "atalaya/protocol/protocol.h"

static int run(int argc, char **argv)
{
    int status = options_parse(&command_protocols, NULL, 0, &argc, argv);
    if (status >= 0)
        return status;
    printf("%-12s %-40s %-28s %-18s %s\n", "PROTOCOL", "TITLE", "SPECIFICATION", "MODEMS", "TRANSMITS");
    for (size_t i = 0; i < protocol_table_size; i++) {
        const struct protocol_row *row = &protocol_table[i];
        printf("%-12s %-40s %-28s %-18s %s\n", row->id, row->title, row->specification,
               *row->modems ? row->modems : "-", row->transmits ? "yes" : "no");
    }
    printf("\n%-12s %-44s %-16s %s\n", "MODEM", "TITLE", "SPECIFICATION", "BIT/S");
    for (size_t i = 0; i < modem_table_size; i++)
        printf("%-12s %-44s %-16s %u\n", modem_table[i].id, modem_table[i].title,
               modem_table[i].specification, modem_table[i].bit_rate);
    return 0;
}

const struct command command_protocols = {
    .name = "protocols",
    .arguments = "",
    .summary = "print the protocols and modems built in",
    .run = run,
};
