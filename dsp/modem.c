/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/dsp/modem.h"

#include <string.h>

#define ATALAYA_MODEM(id, bit_rate, title, specification) extern const struct modem_class modem_##id;
#include "atalaya/dsp/modems.def"
#undef ATALAYA_MODEM

const struct modem_row modem_table[] = {
#define ATALAYA_MODEM(id, bit_rate, title, specification) {#id, title, specification, bit_rate, &modem_##id},
#include "atalaya/dsp/modems.def"
#undef ATALAYA_MODEM
};

const size_t modem_table_size = sizeof modem_table / sizeof *modem_table;

const struct modem_row *modem_find(const char *id)
{
    for (size_t i = 0; i < modem_table_size; i++)
        if (strcmp(modem_table[i].id, id) == 0)
            return &modem_table[i];
    return NULL;
}
