"""Networks: timm backbones and the heads that turn their features into embeddings."""
