/* SPDX-License-Identifier: Apache-2.0 */
#include "layout.h"

#include <string.h>

const char *const layout_source_words[2] = {"external", "internal"};

static bool is_marked(const struct layout *layout, const struct bit_frame *frame)
{
    for (unsigned i = 0; i < LAYOUT_MARKS && layout->mark[i].bits; i++)
        if (bit_frame_get(frame, layout->mark[i].first, layout->mark[i].bits) != layout->mark[i].value)
            return false;
    return true;
}

const struct layout *layout_of(const struct bit_frame *frame)
{
    bool user = frame->bit[26], is_long = frame->bit[25];
    const struct layout *table = user ? layout_user_table : layout_location_table;
    size_t count = user ? layout_user_count : layout_location_count;
    for (size_t i = 0; i < count; i++)
        if ((is_long || table[i].short_rest.count) && is_marked(&table[i], frame))
            return &table[i];
    return NULL;
}

const struct layout *layout_find(const char *name)
{
    for (size_t i = 0; i < layout_user_count; i++)
        if (strcmp(layout_user_table[i].name, name) == 0)
            return &layout_user_table[i];
    for (size_t i = 0; i < layout_location_count; i++)
        if (strcmp(layout_location_table[i].name, name) == 0)
            return &layout_location_table[i];
    return NULL;
}

void layout_mark(const struct layout *layout, struct bit_frame *frame)
{
    frame->bit[26] = layout->user;
    for (unsigned i = 0; i < LAYOUT_MARKS && layout->mark[i].bits; i++)
        bit_frame_put(frame, layout->mark[i].first, layout->mark[i].bits, layout->mark[i].value);
}
