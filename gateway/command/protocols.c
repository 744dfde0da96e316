/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the two tables. */
#include <stdio.h>
#include <string.h>

#include "atalaya/dsp/modem.h"
#include "atalaya/gateway/command.h"
#include "atalaya/protocol/protocol.h"

enum { COLUMNS = 4 };

/* Columns are as wide as the widest of their words: a new row needs no change here. */
static void widen(int width[COLUMNS], const char *const words[COLUMNS])
{
    for (unsigned i = 0; i < COLUMNS; i++)
        if ((int)strlen(words[i]) > width[i])
            width[i] = (int)strlen(words[i]);
}

static void print_row(const int width[COLUMNS], const char *const words[COLUMNS], const char *last)
{
    for (unsigned i = 0; i < COLUMNS; i++)
        if (width[i] > 0)
            printf("%-*s  ", width[i], words[i]);
    puts(last);
}

static const char *modems_of(const struct protocol_row *row)
{
    return *row->modems ? row->modems : "-";
}

static void print_protocols(void)
{
    static const char *const head[COLUMNS] = {"PROTOCOL", "TITLE", "SPECIFICATION", "MODEMS"};
    int width[COLUMNS] = {0};
    widen(width, head);
    for (size_t i = 0; i < protocol_table_size; i++) {
        const struct protocol_row *row = &protocol_table[i];
        const char *const words[COLUMNS] = {row->id, row->title, row->specification, modems_of(row)};
        widen(width, words);
    }
    print_row(width, head, "TRANSMITS");
    for (size_t i = 0; i < protocol_table_size; i++) {
        const struct protocol_row *row = &protocol_table[i];
        const char *const words[COLUMNS] = {row->id, row->title, row->specification, modems_of(row)};
        print_row(width, words, row->transmits ? "yes" : "no");
    }
}

/* Standards of one protocol among which a channel may choose. */
static void print_variants(void)
{
    for (size_t i = 0; i < protocol_table_size; i++)
        if (protocol_table[i].protocol->variants)
            printf("\nvariants of %s: %s\n", protocol_table[i].id, protocol_table[i].protocol->variants);
}

static void print_modems(void)
{
    static const char *const head[COLUMNS] = {"MODEM", "TITLE", "SPECIFICATION", ""};
    int width[COLUMNS] = {0};
    widen(width, head);
    for (size_t i = 0; i < modem_table_size; i++) {
        const struct modem_row *row = &modem_table[i];
        const char *const words[COLUMNS] = {row->id, row->title, row->specification, ""};
        widen(width, words);
    }
    print_row(width, head, "BIT/S");
    for (size_t i = 0; i < modem_table_size; i++) {
        char rate[16];
        const struct modem_row *row = &modem_table[i];
        const char *const words[COLUMNS] = {row->id, row->title, row->specification, ""};
        snprintf(rate, sizeof rate, "%u", row->bit_rate);
        print_row(width, words, rate);
    }
}

static int run(int argc, char **argv)
{
    int status = options_parse(&command_protocols, NULL, 0, &argc, argv);
    if (status >= 0)
        return status;
    if (argc > 1) {
        fprintf(stderr, "atalaya protocols: no argument belongs here, but '%s' was given\n", argv[1]);
        return EXIT_USAGE;
    }
    print_protocols();
    print_variants();
    putchar('\n');
    print_modems();
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}

const struct command command_protocols = {
    .name = "protocols",
    .arguments = "",
    .summary = "print the protocols and modems built in",
    .run = run,
};
