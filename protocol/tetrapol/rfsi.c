/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "layer2.h"

enum { CNA_RFSI = 1, CNA_MASK = 7, DIGITS = 9 };

/* Which places of "RRR-F-SS-III" are digits. */
static const uint8_t place[DIGITS] = {0, 1, 2, 4, 6, 7, 9, 10, 11};

static unsigned nibble(const uint8_t *bytes, unsigned i)
{
    return i % 2 ? bytes[i / 2] & 15U : bytes[i / 2] >> 4;
}

bool tetrapol_rfsi_read(const uint8_t bytes[TETRAPOL_RFSI_BYTES], char text[TETRAPOL_RFSI_TEXT])
{
    if ((nibble(bytes, 0) & CNA_MASK) != CNA_RFSI)
        return false;
    memcpy(text, "000-0-00-000", TETRAPOL_RFSI_TEXT);
    for (unsigned i = 0; i < DIGITS; i++) {
        unsigned digit = nibble(bytes, i + 1);
        if (digit > 9)
            return false;
        text[place[i]] = (char)('0' + digit);
    }
    return true;
}

bool tetrapol_rfsi_write(const char *text, uint8_t bytes[TETRAPOL_RFSI_BYTES])
{
    static const char form[] = "000-0-00-000";
    if (strlen(text) != sizeof form - 1)
        return false;
    for (unsigned i = 0; i < sizeof form - 1; i++)
        if (form[i] == '-' ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return false;
    memset(bytes, 0, TETRAPOL_RFSI_BYTES);
    bytes[0] = CNA_RFSI << 4;
    for (unsigned i = 0; i < DIGITS; i++)
        bytes[(i + 1) / 2] |= (uint8_t)((text[place[i]] - '0') << ((i + 1) % 2 ? 0 : 4));
    return true;
}
