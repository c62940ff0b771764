"""A Double 12 lived through: uploads, imports, reviewers, the operators' desk."""
