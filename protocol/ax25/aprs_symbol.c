/* SPDX-License-Identifier: Apache-2.0 */
/* Chapter 21 and appendix 2: destinations GPSxyz, SPCxyz, SYMxyz and GPSCnn, GPSEnn name a symbol. */
#include "aprs_parts.h"

#include <string.h>

/* Two-letter codes run through the symbols in blocks: first letter, range of the second, first symbol. */
static const struct {
    char first, from, to, table, symbol;
} blocks[] = {
    {'B', 'B', 'P', '/', '!'},  {'P', '0', '9', '/', '0'},  {'M', 'R', 'X', '/', ':'},
    {'P', 'A', 'Z', '/', 'A'},  {'H', 'S', 'X', '/', '['},  {'L', 'A', 'Z', '/', 'a'},
    {'J', '1', '4', '/', '{'},  {'O', 'B', 'P', '\\', '!'}, {'A', '0', '9', '\\', '0'},
    {'N', 'R', 'X', '\\', ':'}, {'A', 'A', 'Z', '\\', 'A'}, {'D', 'S', 'X', '\\', '['},
    {'S', 'A', 'Z', '\\', 'a'}, {'Q', '1', '4', '\\', '{'},
};

static bool numbered(const char *code, char symbol[2])
{
    unsigned number;
    if ((code[0] != 'C' && code[0] != 'E') || !code[1] ||
        !aprs_digits_parse((const uint8_t *)code + 1, 2, &number) || number < 1 || number > 94)
        return false;
    symbol[0] = code[0] == 'C' ? '/' : '\\';
    symbol[1] = (char)(number + 32);
    return true;
}

bool aprs_symbol_from_destination(const char *destination, char symbol[2])
{
    const char *code = destination + 3;
    if (strlen(destination) < 5 ||
        (strncmp(destination, "GPS", 3) != 0 && strncmp(destination, "SPC", 3) != 0 &&
         strncmp(destination, "SYM", 3) != 0))
        return false;
    if (strlen(code) >= 3 && numbered(code, symbol))
        return true;
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        if (code[0] != blocks[i].first || code[1] < blocks[i].from || code[1] > blocks[i].to)
            continue;
        symbol[0] = blocks[i].table;
        symbol[1] = (char)(blocks[i].symbol + (code[1] - blocks[i].from));
        bool overlay = aprs_is_digit((uint8_t)code[2]) || (code[2] >= 'A' && code[2] <= 'Z');
        if (overlay && blocks[i].table == '\\')
            symbol[0] = code[2];
        return true;
    }
    return false;
}
