/* SPDX-License-Identifier: Apache-2.0 */
/* The row "tetrapol": line bits -> frames -> blocks -> layer 2 -> events, and the way back. Voice is counted,
 * never kept; nothing is deciphered. */
#include <string.h>

#include "atalaya/protocol/protocol.h"
#include "emergency.h"
#include "layer2.h"
#include "session.h"
#include "text.h"
#include "track.h"
#include "transmit.h"

struct tetrapol_state {
    struct tetrapol_track track;
    struct tetrapol_emergency emergency;
    struct tetrapol_session session;
};

static void tetrapol_reset(void *state)
{
    struct tetrapol_state *tetrapol = state;
    tetrapol_track_reset(&tetrapol->track);
    tetrapol_emergency_reset(&tetrapol->emergency);
    tetrapol_session_reset(&tetrapol->session);
}

static void tetrapol_execute(void *state, const struct soft_run *run, struct protocol_output *output)
{
    struct tetrapol_state *tetrapol = state;
    for (size_t i = 0; i < run->count; i++) {
        int8_t soft = run->soft[i] == INT8_MIN ? -127 : run->soft[i];
        enum tetrapol_track_event event = tetrapol_track_push(&tetrapol->track, soft);
        tetrapol_session_execute(&tetrapol->session, &tetrapol->track, event, output);
        if (tetrapol_emergency_push(&tetrapol->emergency, soft > 0))
            tetrapol_session_alarm(&tetrapol->session, tetrapol->track.count, output);
        tetrapol_session_wait(&tetrapol->session, tetrapol->track.count,
                              tetrapol_emergency_lasts(&tetrapol->emergency), output);
    }
}

const struct protocol protocol_tetrapol = {
    .address_space = "tetrapol",
    .state_size = sizeof(struct tetrapol_state),
    .reset = tetrapol_reset,
    .execute = tetrapol_execute,
    .parse = tetrapol_parse,
    .compose = tetrapol_compose,
    .transmit = tetrapol_transmit,
    .text_form = TETRAPOL_TEXT_FORM,
    .from_text = tetrapol_text_read,
    .self_test = "{\"protocol\":\"tetrapol\",\"event\":\"transmission\",\"unit\":\"000-0-00-000\","
                 "\"transmission_s\":0.4,\"scr\":4}",
};
