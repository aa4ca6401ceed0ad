"""Regulatory posts (BEGES): a map's emissions by post, physical data in place of euros.

`assign_posts` says which share of each cell goes to which post; `make_posts` makes the inventory of
a year. Nothing is counted twice: what a physical post replaces is taken out, and shown.
"""

from lcc.carbon.posts.assign import PostShares, assign_posts, infer_capital
from lcc.carbon.posts.nomenclature import Post, convert_post, load_posts

__all__ = [
    "Post",
    "PostShares",
    "assign_posts",
    "convert_post",
    "infer_capital",
    "load_posts",
]
