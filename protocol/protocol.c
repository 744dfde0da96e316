/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/protocol/protocol.h"

#include <string.h>

#define ATALAYA_PROTOCOL(id, title, specification, modems, transmits)                                        \
    extern const struct protocol protocol_##id;
#include "atalaya/protocol/protocols.def"
#undef ATALAYA_PROTOCOL

const struct protocol_row protocol_table[] = {
#define ATALAYA_PROTOCOL(id, title, specification, modems, transmits)                                        \
    {#id, title, specification, modems, transmits, &protocol_##id},
#include "atalaya/protocol/protocols.def"
#undef ATALAYA_PROTOCOL
};

const size_t protocol_table_size = sizeof protocol_table / sizeof *protocol_table;

bool protocol_id_is(const char *id, const char *word)
{
    while (*id && (*id == *word || (*id == '_' && *word == '-'))) {
        id++;
        word++;
    }
    return *id == *word;
}

const struct protocol_row *protocol_find(const char *id)
{
    for (size_t i = 0; i < protocol_table_size; i++)
        if (protocol_id_is(protocol_table[i].id, id))
            return &protocol_table[i];
    return NULL;
}

bool protocol_uses_modem(const struct protocol_row *row, const char *modem_id)
{
    size_t length = strlen(modem_id);
    for (const char *word = row->modems; *word;) {
        size_t span = strcspn(word, " ");
        if (span == length && memcmp(word, modem_id, span) == 0)
            return true;
        word += span + strspn(word + span, " ");
    }
    return false;
}
