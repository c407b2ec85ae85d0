// Tiles of a row-major block on their way to a reduction: what the unpacker was told and has not been used yet.
#pragma once

#include "tthal/compute/compute_threads.h"

namespace tthal::tensix {

class UnpackedRows {
public:
    uint32_t width = 1;  // of the block in tiles

    void take(uint32_t cb, uint32_t scaler_cb, uint32_t tiles, uint32_t scaler) {
        cb_ = cb;
        scaler_cb_ = scaler_cb;
        scaler_ = scaler;
        left_ = tiles;
        next_ = 0;
    }
    void reduce(Pool pool, Dimension dimension, uint32_t faces, uint32_t dst) {
        if (left_ == 0) misuse(Misuse::THREADS, static_cast<uint32_t>(ThreadTrouble::NOTHING_UNPACKED));
        const TileFormat& tile = processor().tiles[cb_];
        const uint32_t there = (tile.rows > 16 ? 2 : 1) * (tile.columns / 16);
        if (faces != there) misuse(Misuse::THREADS, static_cast<uint32_t>(ThreadTrouble::OTHER_FACES), faces);
        left_--;
        reduce_rows_tile(pool, dimension, cb_, scaler_cb_, width, next_++, scaler_, dst);
    }

private:
    uint32_t cb_ = 0, scaler_cb_ = 0, scaler_ = 0, left_ = 0, next_ = 0;
};

inline UnpackedRows unpacked_rows;

}  // namespace tthal::tensix
