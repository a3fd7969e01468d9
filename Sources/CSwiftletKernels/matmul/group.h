// What all forms of matmul do with a group of weight rows.
#pragma once

#include "../common/vector.h"
#include "../include/swl.h"

/// At most SWL_GROUP weight rows, and where their products go.
typedef struct swl_group {
    const uint8_t *rows[SWL_GROUP]; // a group of fewer rows repeats its last one
    size_t count;
    float *output;
    const char *next;               // what is read after this group
    size_t next_bytes;
} swl_group;

SWL_INLINE swl_group swl_group_at(const swl_matmul *m, size_t row) {
    const uint8_t *first = (const uint8_t *)m->weights + row * m->row_bytes;
    swl_group g;
    g.count = m->rows - row < SWL_GROUP ? m->rows - row : SWL_GROUP;
    for (size_t r = 0; r < SWL_GROUP; r++) g.rows[r] = first + (r < g.count ? r : g.count - 1) * m->row_bytes;
    g.output = m->output + row;
    const size_t after = m->rows + m->rows_after - row - g.count;
    g.next = (const char *)first + g.count * m->row_bytes;
    g.next_bytes = (after < SWL_GROUP ? after : SWL_GROUP) * m->row_bytes;
    return g;
}

/// Asks for the part of the next group's rows that matches the columns at hand, into the second cache level: the first is
/// full of panel and activations (into the first level it ran at half the speed).
SWL_INLINE void swl_prefetch(const swl_group *g, size_t done, size_t of, size_t all) {
    const char *p = g->next + g->next_bytes * done / all, *end = g->next + g->next_bytes * (done + of) / all;
    for (; p < end; p += 64) __builtin_prefetch(p, 0, 2);
}

SWL_INLINE void swl_put(const swl_matmul *m, const swl_group *g, size_t token, v16f value) {
    float *to = g->output + token * m->output_stride;
    if (g->count == SWL_GROUP)
        swl_store(to, value);
    else
        swl_store_part(to, value, g->count);
}
