"""Regulatory posts (BEGES): a map's emissions by post, physical data in place of euros.

`assign_posts` says which share of each cell goes to which post; `make_posts` makes the inventory of
a year. Nothing is counted twice: what a physical post replaces is taken out, and shown.
"""

from lcc.carbon.posts.assign import PostShares, assign_posts, infer_capital
from lcc.carbon.posts.make import POST_DIMENSIONS, make_posts
from lcc.carbon.posts.nomenclature import Post, convert_post, load_posts
from lcc.carbon.posts.result import BegesPosts
from lcc.carbon.posts.series import PostSeries, join_posts

__all__ = [
    "POST_DIMENSIONS",
    "BegesPosts",
    "Post",
    "PostSeries",
    "PostShares",
    "assign_posts",
    "convert_post",
    "infer_capital",
    "join_posts",
    "load_posts",
    "make_posts",
]
