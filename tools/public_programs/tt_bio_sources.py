"""The programs of moritztng/tt-bio that hand their own kernels to ``generic_op``, and where they stand there."""

TT_BIO_SOURCES = {
    "reblock_permute": "tt_bio/reblock_permute.py: reblock_permute",
    "reblock_permute_back": "tt_bio/reblock_permute.py: reblock_permute_back",
    "reblock_permute_gated": "tt_bio/reblock_permute.py: reblock_permute_gated",
    "sparse_bias": "tt_bio/rfd3_bias.py: sparse_bias_fp32",
    "fused_scores_bias": "tt_bio/rfd3_bias.py: fused_scores_bias_fp32",
    "dense_scores_bias": "tt_bio/rfd3_bias.py: dense_fused_scores_bias_fp32",
    "softmax_generic": "tt_bio/softmax_generic.py: softmax_into",
    "mm_generic": "tt_bio/mm_generic.py: generic_minimal_matmul",
}
"""Name to source."""
