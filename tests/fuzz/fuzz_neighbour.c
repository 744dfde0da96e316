/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of other sites: whatever they hold, what is taken has ids and names that end, and the table keeps
 * to its room. The first line is the topic. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "../../gateway/transmit/neighbours.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct neighbours neighbours;
    static struct neighbour_news news;
    static struct distress own = {.radio = "ax25.N0CALL-7", .incident = "51c9e0d7a4436b0f"};
    char topic[200];
    const uint8_t *end = memchr(data, '\n', size);
    size_t length = end ? (size_t)(end - data) : 0;
    if (!end || length >= sizeof topic)
        return 0;
    memcpy(topic, data, length);
    topic[length] = '\0';
    neighbours_read("dome", topic, end + 1, size - length - 1, &news);
    assert(memchr(news.said.site, '\0', sizeof news.said.site) &&
           memchr(news.said.distress, '\0', sizeof news.said.distress) &&
           memchr(news.said.radio, '\0', sizeof news.said.radio) &&
           memchr(news.said.incident, '\0', sizeof news.said.incident));
    assert(news.kind == NEIGHBOUR_NOTHING || strcmp(news.said.site, "dome") != 0);
    neighbours_take(&neighbours, &news);
    assert(neighbours.count <= NEIGHBOURS_MAX && neighbours.site_count <= NEIGHBOUR_SITES_MAX);
    own.last_heard_utc_ns = own.raised_utc_ns = INT64_C(1795771250000000000);
    own.snr_db = size % 2 ? 12.0 : (double)NAN;
    struct neighbour_standing standing = neighbours_standing(&neighbours, &own, "dome", ANSWER_ACKNOWLEDGED);
    assert(standing.ahead + standing.ahead_unaware <= neighbours.count);
    const struct neighbour *elder = neighbours_elder(&neighbours, &own, "dome", 1800);
    assert(!elder || (strcmp(elder->radio, own.radio) == 0 && elder->incident[0]));
    return 0;
}
