/* SPDX-License-Identifier: Apache-2.0 */
/* Options of a subcommand from its table: parsing and --help cannot disagree. */
#include "atalaya/gateway/command.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tables are put together from parts: a letter belongs to the first row that has it. */
static bool has_letter(const struct option_row *rows, size_t which)
{
    for (size_t i = 0; i < which; i++)
        if (rows[i].letter == rows[which].letter)
            return false;
    return rows[which].letter != 0;
}

static void print_help(const struct command *command, const struct option_row *rows, size_t count)
{
    printf("usage: atalaya %s%s%s\n%s\n\n", command->name, *command->arguments ? " " : "", command->arguments,
           command->summary);
    for (size_t i = 0; i < count; i++) {
        char left[64];
        int n = has_letter(rows, i) ? snprintf(left, sizeof left, "-%c, --%s", rows[i].letter, rows[i].name)
                                    : snprintf(left, sizeof left, "    --%s", rows[i].name);
        if (rows[i].argument && n > 0 && (size_t)n < sizeof left)
            snprintf(left + n, sizeof left - (size_t)n, " %s", rows[i].argument);
        printf("  %-28s %s\n", left, rows[i].help);
    }
    printf("  %-28s %s\n", "    --help", "this text");
}

static int complain(const struct command *command, const char *what, const char *option)
{
    fprintf(stderr, "atalaya %s: %s '%s'; see atalaya %s --help\n", command->name, what, option,
            command->name);
    return EXIT_USAGE;
}

static const struct option_row *find(const struct option_row *rows, size_t count, const char *word,
                                     size_t length)
{
    for (size_t i = 0; i < count; i++) {
        bool is_long = word[1] == '-' && strlen(rows[i].name) == length - 2 &&
                       memcmp(rows[i].name, word + 2, length - 2) == 0;
        bool is_short = word[1] != '-' && length == 2 && rows[i].letter == word[1];
        if (is_long || is_short)
            return &rows[i];
    }
    return NULL;
}

double options_number(const char *text, const char **end)
{
    static const struct {
        char letter;
        double factor;
    } factors[] = {{'k', 1e3}, {'M', 1e6}, {'G', 1e9}};
    char *stop;
    double value = strtod(text, &stop);
    for (size_t i = 0; stop != text && i < sizeof factors / sizeof *factors; i++)
        if (*stop == factors[i].letter) {
            value *= factors[i].factor;
            stop++;
            break;
        }
    *end = isfinite(value) ? stop : text;
    return value;
}

static bool store(const struct option_row *row, const char *text)
{
    char *end;
    errno = 0;
    if (row->type == OPTION_TEXT) {
        *(const char **)row->value = text;
        return true;
    }
    if (row->type == OPTION_NUMBER) {
        const char *behind;
        double value = options_number(text, &behind);
        if (behind == text || *behind)
            return false;
        *(double *)row->value = value;
        return true;
    }
    unsigned long value = strtoul(text, &end, 10);
    if (end == text || *end || errno || text[0] == '-' || value > 0xffffffffUL)
        return false;
    *(unsigned *)row->value = (unsigned)value;
    return true;
}

int options_parse(const struct command *command, const struct option_row *rows, size_t count, int *argc,
                  char **argv)
{
    int kept = 1, i = 1;
    for (; i < *argc; i++) {
        char *word = argv[i];
        if (word[0] != '-' || word[1] == '\0') {
            argv[kept++] = word;
            continue;
        }
        if (strcmp(word, "--") == 0) {
            i++;
            break;
        }
        size_t length = strcspn(word, "=");
        const struct option_row *row = find(rows, count, word, length);
        if (strcmp(word, "--help") == 0 || (!row && strcmp(word, "-h") == 0)) {
            print_help(command, rows, count);
            return 0;
        }
        if (!row)
            return complain(command, "unknown option", word);
        if (row->type == OPTION_FLAG) {
            if (word[length] == '=')
                return complain(command, "no value belongs to", word);
            *(bool *)row->value = true;
            continue;
        }
        const char *text = word[length] == '=' ? word + length + 1 : i + 1 < *argc ? argv[++i] : NULL;
        if (!text)
            return complain(command, "a value is missing after", word);
        if (!store(row, text)) {
            fprintf(stderr,
                    "atalaya %s: '%s' of --%s is not a usable number, as 144.39e6 or 144.39M; see atalaya "
                    "%s --help\n",
                    command->name, text, row->name, command->name);
            return EXIT_USAGE;
        }
    }
    while (i < *argc)
        argv[kept++] = argv[i++];
    argv[kept] = NULL;
    *argc = kept;
    return -1;
}
